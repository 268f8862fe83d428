/**
 * A named place where tests make the process die or a step fail. Outside tests no point is ever armed and a
 * point costs one call.
 */
export type FailPoint = (point: string) => void;

export const noFailPoint: FailPoint = () => undefined;
