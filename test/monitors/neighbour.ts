/** What breaks in a file of its own. */
export function atTheNeighbours(): Error {
  return new EvalError("the neighbour is away");
}
