const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
/** What answers sooner than this shows no spinner, so that quick commands do not flicker. */
const patienceMs = 150;

export interface SpinnerStream {
  write(text: string): boolean;
}

/** Shows a turning line until the returned function is called, which wipes it. It never keeps the process alive. */
export function startSpinner(stream: SpinnerStream, label: string): () => void {
  const startedMs = performance.now();
  let shown = false;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs < patienceMs) return;
    shown = true;
    const frame = frames[Math.floor(elapsedMs / frameMs) % frames.length];
    const seconds = elapsedMs < 3000 ? '' : ` ${Math.floor(elapsedMs / 1000)} s`;
    stream.write(`\r\u001b[K${frame} ${label}…${seconds}`);
  }, frameMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    if (shown) stream.write('\r\u001b[K');
  };
}
