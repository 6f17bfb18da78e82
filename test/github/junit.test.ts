import { expect, test } from "vitest";
import { joined } from "../../src/domain/junit.ts";
import { readJUnit } from "../../src/github/junit.ts";

const PYTEST = `<?xml version="1.0" encoding="utf-8"?><!-- by pytest -->
<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="2" skipped="1" tests="5">
  <testcase classname="shop.test_cart" name="test_adds &lt;two&gt; &#x26; three" file="shop/test_cart.py" line="12" time="0.1"/>
  <testcase classname="shop.test_cart" name="test_drops" file="shop/test_cart.py" line="40"><failure message="a > b">def <![CDATA[</failure></testcase>]]></failure></testcase>
  <testcase classname="shop.test_pay" name="test_pays"><error message='went "wrong"'/></testcase>
  <testcase classname="shop.test_pay" name="test_later"><skipped type="pytest.skip"/></testcase>
  <testcase classname="shop.test_pay" name="test_again"><rerun message="first"/><system-out><failure/></system-out></testcase>
</testsuite></testsuites>`;

test("pytest's report: total, failed, skipped, flaky, and which failed where", () => {
  expect(readJUnit(PYTEST)).toEqual({
    total: 5,
    failed: 2,
    skipped: 1,
    flaky: 1,
    failures: [
      { name: "shop.test_cart test_drops", file: "shop/test_cart.py", line: 40, flaky: false },
      { name: "shop.test_pay test_pays", file: null, line: null, flaky: false },
    ],
  });
});

test("a test that is in the report twice counts once, and is flaky if it passed once", () => {
  const again =
    '<testcase name="a"><failure/></testcase><testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="b"><error/></testcase>';
  expect(readJUnit(`<testsuite>${again}</testsuite>`)).toMatchObject({ total: 2, failed: 1, flaky: 1, failures: [{ name: "b" }] });
});

test("five names are kept of ten thousand, and several reports are one", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `<testcase name="t${index}"><failure/></testcase>`).join("");
  const report = readJUnit(`<testsuite>${many}</testsuite>`);
  if (report === null) throw new Error("it is a report");
  expect(report).toMatchObject({ total: 10_000, failed: 10_000 });
  expect(report.failures.map(({ name }) => name)).toEqual(["t0", "t1", "t2", "t3", "t4"]);
  expect(joined([report, report])).toMatchObject({ total: 20_000, failed: 20_000, failures: { length: 5 } });
});

test("entities, document types and what is no JUnit are refused", () => {
  const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>';
  for (const text of [
    laughs,
    "",
    "no XML",
    "<html><testcase/></html>",
    "<coverage></coverage>",
    "<testsuite><testcase name='",
    "<testsuite><!-- never ends",
    `<testsuite><testcase name="${"x".repeat(100_000)}"/></testsuite>`,
  ]) {
    expect([text.slice(0, 40), readJUnit(text)]).toEqual([text.slice(0, 40), null]);
  }
  // What a test wrote may look like one.
  expect(readJUnit('<testsuite><testcase name="a"><failure><![CDATA[<!DOCTYPE html>]]></failure></testcase></testsuite>')).toMatchObject({
    failed: 1,
  });
  // In the wrong place it declares nothing either.
  expect(
    readJUnit('<testsuite><!DOCTYPE x [<!ENTITY a "ha">]><testcase name="&a;"><failure/></testcase></testsuite>')?.failures,
  ).toMatchObject([{ name: "&a;" }]);
  // An entity that XML does not have stays as it is written.
  expect(readJUnit('<testsuite><testcase name="&xxe;"><failure/></testcase></testsuite>')?.failures).toMatchObject([{ name: "&xxe;" }]);
});

test("what is made to be slow is not: unclosed quotes, comments and tags of megabytes", () => {
  const piece = ["<testcase name='", "<!--", "<![CDATA[", "<a b='c' ", "<".repeat(20), "&#", `<testcase ${"a".repeat(50)}`];
  const begun = performance.now();
  for (const part of piece) readJUnit(`<testsuite>${part.repeat(Math.floor(2_000_000 / part.length))}`);
  // A quadratic reader takes hours.
  expect(performance.now() - begun).toBeLessThan(60_000);
});
