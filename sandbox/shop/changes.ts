/** One pull request to the shop. `files` are whole new texts beside the line it adds to news.json. */
export type Change = {
  readonly title: string;
  readonly branch: string;
  readonly news: string;
  readonly files: Readonly<Record<string, string>>;
};

/** What was merged before the sandbox opened. */
export const earlierChanges: readonly Change[] = [
  { title: "Show prices with VAT", branch: "vat", news: "Prices include VAT", files: {} },
  { title: "Keep the basket for a week", branch: "keep-basket", news: "Your basket waits a week for you", files: {} },
];

/** Good changes in the order they are pushed; after the last the list starts again. */
export const goodChanges: readonly Change[] = [
  {
    title: "Pay with Bancontact",
    branch: "bancontact",
    news: "Pay with Bancontact",
    files: { "payments.json": `["Visa", "Mastercard", "Bancontact"]\n` },
  },
  {
    title: "Show the delivery date in the basket",
    branch: "delivery-date",
    news: "The basket shows when it arrives",
    files: { "orders/migrations/0003_order_delivery_date.py": deliveryDateMigration() },
  },
  { title: "Sort sizes from small to large", branch: "sort-sizes", news: "Sizes in order", files: {} },
  { title: "Say which payment failed, and why", branch: "payment-errors", news: "Clearer payment errors", files: {} },
  { title: "Load product pictures when they are seen", branch: "lazy-pictures", news: "Faster product pages", files: {} },
  { title: "Remember the last search", branch: "last-search", news: "We remember your last search", files: {} },
];

/** Looks harmless, passes its tests, and breaks the basket of every visitor without a loyalty card. */
export const badChange: Change = {
  title: "Round discounts to the cent",
  branch: "round-discounts",
  news: "Discounts to the cent",
  files: { "pricing.mjs": badPricing() },
};

function badPricing(): string {
  return `/** What the visitor pays, in cents. */
export function total(basket) {
  const sum = basket.lines.reduce((cents, line) => cents + line.cents * line.count, 0);
  return sum - discountOf(sum, basket.card);
}

/** Rounded to the cent, in the visitor's favour. */
function discountOf(sum, card) {
  return Math.ceil((sum * card.percent) / 100);
}
`;
}

function deliveryDateMigration(): string {
  return `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_order_total")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="delivery_date",
            field=models.DateField(null=True),
        ),
    ]
`;
}
