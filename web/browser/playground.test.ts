// The playground, opened from disk: the prompt, statements that do not end, the lessons from start to end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { close, launch, open, overflow, playground, ready, screenshot, type Look, type Watched } from "./harness.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// Opens the playground. Statements may take ten minutes, as a busy machine may need.
async function openPrompt(look: Look = {}): Promise<Watched> {
  const watched = await open(browser, playground, look);
  await ready(watched.page);
  await watched.page.selectOption("#limit", "600");
  return watched;
}

async function run(page: Page, statement: string): Promise<void> {
  const count = await page.locator("#prompt-log .entry").count();
  await page.fill("#prompt-input", statement);
  await page.press("#prompt-input", "Enter");
  await page.locator("#prompt-log .entry").nth(count).waitFor();
  await page.locator("#stop").waitFor({ state: "hidden" });
}

test("the prompt runs statements, and the picture shows the heap", async () => {
  const watched = await openPrompt();
  const { page } = watched;
  await run(page, "heap = pymalloc.heap { profile = 'classroom' } b = heap:malloc(24)");
  await run(page, "=b");
  assert.equal((await page.locator("#prompt-log .output").last().textContent())?.trim(), "pymalloc.Buffer u8[24] at 0:0:48");
  assert.match(await page.locator("#picture").innerText(), /classroom: 1 arena, 1 live block/);
  await run(page, "error '<img src=x onerror=document.title=1>'");
  assert.match((await page.locator("#prompt-log .error").last().textContent()) ?? "", /<img src=x onerror/);
  assert.equal(await page.locator("#prompt-log img").count(), 0);
  await close(watched);
});

test("a statement that does not end is stopped by the button, and what was run can be run again", async () => {
  const watched = await openPrompt();
  const { page } = watched;
  await run(page, "heap = pymalloc.heap { profile = 'classroom' } b = heap:malloc(24)");
  await page.fill("#prompt-input", "while true do end");
  await page.press("#prompt-input", "Enter");
  await page.click("#stop");
  await page.click("button.again");
  await run(page, "=b");
  assert.match((await page.locator("#prompt-log .output").last().textContent()) ?? "", /pymalloc\.Buffer u8\[24\] at 0:0:48/);
  await close(watched);
});

// Answers the questions, each by its first choice or by nothing, until the exercise is there.
async function playToExercise(page: Page): Promise<number> {
  const next = page.locator("fieldset.question:not([disabled]), #exercise-editor").first();
  for (let count = 0; ; count++) {
    await next.waitFor();
    if (await page.locator("#exercise-editor").count() > 0) return count;
    const choice = page.locator(`#choice-${count + 1}-1`);
    await (await choice.count() > 0 ? choice : page.locator(`#show-answer-${count + 1}`)).click();
    await page.locator(`fieldset.question[disabled] >> nth=${count}`).waitFor();
  }
}

async function grade(page: Page, text: string): Promise<boolean> {
  await page.fill("#exercise-editor", text);
  await page.click("#exercise-grade-button");
  await page.locator("#exercise-grade .grade").waitFor();
  return await page.locator("#exercise-grade .grade.passed").count() > 0;
}

test("each of the fourteen lessons ends with its good answer, and not with bad ones", async (t) => {
  const watched = await open(browser, `${playground}#lessons`);
  const { page } = watched;
  await ready(page);
  for (let number = 1; number <= 14; number++) {
    await t.test(`lesson ${number}`, async () => {
      await page.click("#tab-lessons");
      await page.click(`#lesson-link-${number}`);
      assert.ok(await playToExercise(page) > 0, "it asks nothing");
      for (const bad of ["return nil", "return ("]) assert.equal(await grade(page, bad), false, bad);
      assert.equal(await page.locator(".ending").count(), 0);
      await page.click("#exercise-solution-button");
      const solution = await page.locator("#exercise-solution pre").textContent();
      assert.equal(await grade(page, solution ?? ""), true);
      await page.locator(".ending").waitFor();
    });
  }
  await page.reload();
  await ready(page);
  await page.click("#tab-lessons");
  await page.locator("#lesson-link-14").waitFor();
  assert.equal(await page.locator("li:has([id^=lesson-link]):has-text('done')").count(), 14, "the browser keeps the progress");
  await close(watched);
});

test("a stranger opens the playground from disk and finishes lesson 1, with a wrong choice and a wrong answer on the way", async () => {
  const watched = await open(browser, playground);
  const { page } = watched;
  await ready(page);
  await page.getByText("Begin with lesson 1").click();
  await page.getByRole("button", { name: "16", exact: true }).click();
  assert.match(await page.locator(".answer.wrong").innerText(), /16 is the number of pools/);
  await page.locator("#exercise-editor").waitFor();
  await page.keyboard.press("End"); // past the figures, without seeing each of them
  await page.evaluate(() => { window.scrollTo(0, document.body.scrollHeight); });
  await page.locator("#picture", { hasText: "1001 live blocks" }).waitFor();
  const answer = (condition: string): string => `return function(type, count)
  local bytes = count * type:match("%d+") / 8
  if ${condition} then return "pool" end
  return "raw"
end`;
  await page.getByLabel("Answer to the exercise").fill(answer("bytes <= 512"));
  await page.getByText("Grade my answer").click();
  await page.getByText("Not yet.").waitFor();
  assert.match(await page.locator("#exercise-grade").innerText(), /The right answer for \w+\[0\] is raw; your function returns pool\./);
  await page.getByLabel("Answer to the exercise").fill(answer("bytes > 0 and bytes <= 512"));
  await page.getByLabel("Answer to the exercise").press("Control+Enter");
  await page.getByText("Lesson 1 is done.").waitFor();
  await screenshot(page, "lesson-1-done");
  await page.getByRole("link", { name: "Lesson 2" }).click();
  await page.getByRole("heading", { name: /^Lesson 2/ }).waitFor();
  await close(watched);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 400]) {
    test(`the playground is ${width} pixels wide, ${colorScheme}`, async () => {
      const watched = await openPrompt({ colorScheme, viewport: { width, height: 900 } });
      const { page } = watched;
      for (const id of ["#step-1", "#step-2", "#step-3", "#step-4"]) {
        const count = await page.locator("#prompt-log .entry").count();
        await page.click(id);
        await page.locator("#prompt-log .entry").nth(count).waitFor();
      }
      assert.equal(await overflow(page), 0, "the page scrolls sideways");
      await screenshot(page, `playground-${colorScheme}-${width}`);
      await page.click("#tab-lessons");
      await page.click("#lesson-link-3");
      await page.locator("fieldset.question").first().waitFor();
      assert.equal(await overflow(page), 0, "the lesson scrolls sideways");
      await screenshot(page, `lesson-${colorScheme}-${width}`);
      await close(watched);
    });
  }
}
