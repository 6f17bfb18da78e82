/**
 * What a person must read when the bot cannot start: a sentence, without a stack. Null: a fault of the program itself, whose
 * stack is the only help.
 */
export function startSentence(fault: unknown, port: number): string | null {
  if (!(fault instanceof Error)) return null;
  const code: unknown = Reflect.get(fault, "code");
  const isListening = Reflect.get(fault, "syscall") === "listen";
  if (isListening && code === "EADDRINUSE") return `Port ${port} is taken by another process: stop that one, or set PORT to another port.`;
  if (isListening && code === "EACCES") return `Port ${port} may not be used by this account: set PORT to one above 1023.`;
  // Ours are plain errors whose message says what to do; those of the language, of drivers and of libraries are classes of their own.
  const isOurs = fault.constructor === Error || fault.name === "Unreachable";
  return isOurs && code === undefined ? fault.message : null;
}
