/** What the visitor pays, in cents. */
export function total(basket) {
  const sum = basket.lines.reduce((cents, line) => cents + line.cents * line.count, 0);
  return sum - discountOf(sum, basket.card);
}

/** Visitors with a loyalty card pay a few percent less. */
function discountOf(sum, card) {
  return card === undefined ? 0 : Math.floor((sum * card.percent) / 100);
}
