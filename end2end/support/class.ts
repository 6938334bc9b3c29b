// A course of its own, so that what a test decides, groups or publishes disturbs nobody else. Its questions and answers are those of the
// demo's midterm; people of the demo hand them in over the REST API.
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { expect, request, type APIRequestContext } from "@playwright/test";
import { PASSWORD } from "./people";

export const TEACHER = "sunniva.okkenhaugen@demo.example";
/** Grades too, and sees no other course as staff. */
export const ASSISTANT = "ruairi.caoimhin@demo.example";

const INSTITUTION = new URL("../../server/seed/institution.json", import.meta.url);
const MIDTERM = new URL("../../server/seed/assignments/cell-biology-midterm.json", import.meta.url);
/** Questions of the midterm that are asked again: free text both. */
const ASKED = ["osmosis", "enzyme-temperature"];
/** Four more hand in what others have written, so that there are two groups of some size. */
const ECHOES: Record<string, string> = {
  "nguyen.tram@demo.example": "water goes into the cell and it bursts",
  "li.siyuan@demo.example": "Water goes into the cell, and it bursts!",
  "mateo.salcedo@demo.example": "Water enters the cell by osmosis, so the cell swells, and bursts.",
  "sofia.villasenor@demo.example": "water enters the cell by osmosis; so the cell swells and bursts",
};
/** Whose answer to the second question they repeat. */
const ECHOED = "ilse.grootveld@demo.example";

/** How many say the same in each question, the most first. */
export const SIZES = [
  [6, 3, 2],
  [8, 3],
];
/** These sit for other tests. */
const BUSY = ["mara.lindqvist", "oluwaseun.adegbola"].map((name) => `${name}@demo.example`);

export type Class = {
  title: string;
  assignment: string;
  /** The ids of the two questions, in order. */
  questions: string[];
  /** Of each question. */
  answers: number;
  /** What the demo's teachers would give for an answer, in points. */
  worth: (text: string) => number;
  teacher: APIRequestContext;
  assistant: APIRequestContext;
};

/** What the REST API tells, as far as tests look. Points are hundredths. */
export type Item = {
  grade: string;
  version: number;
  label: string;
  question: string;
  answer: { text: string };
  machine: null | {
    points: number;
    confidence: number | null;
    model: string;
    evidence: {
      reference: string | null;
      spans: { start: number; end: number }[];
      rubric: { text: string; span: null | { start: number; end: number } }[];
      similar: { grade: string; points: number; similarity: number; text: string }[];
    };
  };
  human: null | { points: number };
};
export type Group = { group: string; text: string; answers: number; open: number; lowest: number; highest: number };
export type Dial = {
  target: number | null;
  undecided: number;
  accepted: number;
  choices: { target: number; accepted: number; released: number; held: number; expected: number | null }[];
  drawn: number;
  audit: { looked_at: number; agreed: number };
};

const base = { baseURL: process.env.BASE_URL ?? "http://127.0.0.1:3000" };

/** Somebody's own session, without a browser. */
export async function session(email: string): Promise<APIRequestContext> {
  const own = await request.newContext(base);
  const answer = await own.post("/rpc/account/sign_in", { form: { email, password: PASSWORD }, maxRedirects: 0 });
  expect(answer.status(), `${email} signs in`).toBeLessThan(400);
  return own;
}

/** One call of the REST API that must succeed. */
export async function call<T>(who: APIRequestContext, method: string, path: string, data?: unknown): Promise<T> {
  const answer = await who.fetch(`/api/v1${path}`, { method, data });
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${answer.ok() ? "" : await answer.text()}`).toBe(true);
  return (answer.status() === 204 ? undefined : await answer.json()) as T;
}

/** A class that has handed in, and whose answers are graded and grouped. */
export async function makeClass(group: string): Promise<Class> {
  const midterm = JSON.parse(fs.readFileSync(MIDTERM, "utf8"));
  const sheets: [string, string[]][] = Object.entries<Record<string, { text: string }>>(midterm.answers)
    .filter(([email]) => !BUSY.includes(email))
    .map(([email, sheet]) => [email, ASKED.map((key) => sheet[key].text)]);
  const echoed: string = midterm.answers[ECHOED][ASKED[1]].text;
  for (const [email, text] of Object.entries(ECHOES)) sheets.push([email, [text, echoed.toUpperCase()]]);

  const teacher = await session(TEACHER);
  const code = `BIO-${group}-${Date.now().toString(36)}`.toUpperCase();
  const course = (await call<{ id: string }>(teacher, "POST", "/courses", { code, title: `Cell Biology, group ${group}` })).id;
  const institution = JSON.parse(fs.readFileSync(INSTITUTION, "utf8"));
  const names = new Map<string, string>(institution.students.map((one: { email: string; name: string }) => [one.email, one.name]));
  const roles = [[ASSISTANT, "assistant"], ...sheets.map(([email]) => [email, "student"])];
  const table = ["email,name,role", ...roles.map(([email, role]) => `${email},${names.get(email)},${role}`)].join("\n");
  const joined = await teacher.post(`/api/v1/courses/${course}/people/import`, { headers: { "content-type": "text/csv" }, data: table });
  expect(joined.status(), await joined.text()).toBe(201);

  const title = "Quiz: water and warmth";
  const made = { title, due_at: null, closes_at: null };
  const assignment = (await call<{ id: string }>(teacher, "POST", `/courses/${course}/assignments`, made)).id;
  const questions: string[] = [];
  for (const key of ASKED) {
    const question = midterm.questions.find((each: { key: string }) => each.key === key);
    const asked = await call<{ id: string }>(teacher, "POST", `/assignments/${assignment}/questions`, content(question));
    questions.push(asked.id);
  }
  await call(teacher, "POST", `/assignments/${assignment}/publish`);

  const waiting = [...sheets];
  const hand = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await handIn(next[0], assignment, questions, next[1]);
  };
  await Promise.all([hand(), hand(), hand(), hand()]);

  // Graded, and then looked at as a whole: every group is there.
  const sizes = async (question: string) => {
    const { groups } = await call<{ groups: Group[] }>(teacher, "GET", `/assignments/${assignment}/groups?question=${question}`);
    return groups.map((each) => each.answers);
  };
  await expect
    .poll(() => Promise.all(questions.map(sizes)), { timeout: 60_000, message: "the class is graded and grouped" })
    .toEqual(SIZES);

  const worths = new Map<string, number>(
    Object.values<Record<string, { text: string; truth: number }>>(midterm.answers).flatMap((sheet) =>
      ASKED.map((key): [string, number] => [sheet[key].text, sheet[key].truth]),
    ),
  );
  return {
    title,
    assignment,
    questions,
    answers: sheets.length,
    worth: (text) => worths.get(text) ?? 1.5,
    teacher,
    assistant: await session(ASSISTANT),
  };
}

/** As the API wants a question that the demo's files describe. */
function content(question: { prompt: string; points: number; reference_answers: string[]; rubric: Criterion[] }) {
  const hundredths = (points: number) => Math.round(points * 100);
  return {
    prompt: question.prompt,
    points: hundredths(question.points),
    key: { kind: "short_answer", allow_file: false },
    references: question.reference_answers,
    rubric: question.rubric.map((part) => ({
      title: part.title,
      points: hundredths(part.points),
      items: part.items.map((item) => ({ ...item, points: hundredths(item.points) })),
    })),
  };
}
type Criterion = { title: string; points: number; items: { text: string; points: number; feedback: string }[] };

async function handIn(email: string, assignment: string, questions: string[], texts: string[]): Promise<void> {
  const student = await session(email);
  const submission = (await call<{ id: string }>(student, "POST", `/assignments/${assignment}/submission`)).id;
  const changes = questions.map((question, at) => ({
    id: randomUUID(),
    question,
    typed_at: Date.now() * 1000,
    value: { is: "text", value: texts[at] },
  }));
  await call(student, "POST", `/submissions/${submission}/changes`, { changes });
  await call(student, "POST", `/submissions/${submission}/submit`);
  await student.dispose();
}

/** Every answer of a question in this state, in the order of the queue. */
export async function items(those: Class, question: string, state: "waiting" | "accepted" | "reviewed"): Promise<Item[]> {
  type Queue = { items: (Item & { cursor: { order: number; grade: string } })[]; more: boolean };
  const found: Queue["items"] = [];
  let after = "";
  for (;;) {
    const path = `/assignments/${those.assignment}/review?question=${question}&state=${state}${after}`;
    const piece = await call<Queue>(those.teacher, "GET", path);
    found.push(...piece.items);
    const last = piece.items.at(-1);
    if (!piece.more || !last) return found;
    after = `&after=${last.cursor.order}.${last.cursor.grade}`;
  }
}

/** Points as people read them: 2.5 for 250. */
export const points = (hundredths: number): string => String(hundredths / 100);
