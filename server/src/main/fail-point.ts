import { Fault } from '../kernel/fault.ts';

/**
 * What `BACKYARD_FAIL_POINT` asks for: `kill:<point>` ends the process as a power cut would, `error:<point>`
 * fails there; each once. Only tests set it.
 */
export function failPointOf(setting: string | null): (point: string) => void {
  if (setting === null) return () => undefined;
  const [action, wanted] = splitOnce(setting);
  let armed = true;
  return (point) => {
    if (!armed || point !== wanted) return;
    armed = false;
    if (action === 'kill') process.kill(process.pid, 'SIGKILL');
    else throw new Fault('fail-point', `failed on purpose at ${point}`);
  };
}

function splitOnce(setting: string): [string, string] {
  const at = setting.indexOf(':');
  return [setting.slice(0, at), setting.slice(at + 1)];
}
