// Holds the colours of tokens.css to WCAG AA: text 4.5:1 on every ground it meets, marks and edges 3:1.
// Run: node style/check-contrast.mjs   (exit status 1 when a pair falls short)
import { readFileSync } from "node:fs";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const sides = { light: {}, dark: {} };
const oklch = "oklch\\(([\\d.]+)% ([\\d.]+) ([\\d.]+)\\)";
for (const found of css.matchAll(new RegExp(`--([\\w-]+): light-dark\\(${oklch}, ${oklch}\\);`, "g"))) {
  const [, name, ...n] = found;
  if (name in sides.light) continue; // later ones are the high-contrast overrides
  sides.light[name] = n.slice(0, 3).map(Number);
  sides.dark[name] = n.slice(3).map(Number);
}

const luminance = ([lightness, chroma, hue]) => {
  const l = lightness / 100, a = chroma * Math.cos((hue * Math.PI) / 180), b = chroma * Math.sin((hue * Math.PI) / 180);
  const L = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const M = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const S = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (x) => Math.min(1, Math.max(0, x));
  const red = clip(4.0767416621 * L - 3.3077115913 * M + 0.2309699292 * S);
  const green = clip(-1.2684380046 * L + 2.6097574011 * M - 0.3413193965 * S);
  const blue = clip(-0.0041960863 * L - 0.7034186147 * M + 1.707614701 * S);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (x, y) => {
  const [low, high] = [luminance(x), luminance(y)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

const grounds = ["sunken", "paper", "surface", "raised"];
const meanings = ["accent", "machine", "human", "review", "right", "wrong", "late"];
const pairs = [];
for (const text of ["ink", "ink-2", "ink-3", ...meanings]) for (const ground of grounds) pairs.push([text, ground, 4.5]);
for (const meaning of meanings) {
  for (const text of ["ink", "ink-2", "ink-3", meaning]) pairs.push([text, `${meaning}-tint`, 4.5]);
  for (const ground of ["paper", "surface"]) pairs.push([`${meaning}-fill`, ground, 3]);
}
for (const ground of grounds) pairs.push(["line-strong", ground, 3], ["focus", ground, 3], ["neutral-fill", ground, 3]);
for (const fill of ["accent-fill", "accent-fill-hover", "wrong-fill", "wrong-fill-hover"]) pairs.push(["on-accent", fill, 4.5]);
pairs.push(["ink", "mark", 7]);

let short = 0, least = 99;
for (const [side, colours] of Object.entries(sides)) {
  for (const [front, back, needed] of pairs) {
    if (!colours[front] || !colours[back]) throw new Error(`tokens.css has no --${colours[front] ? back : front}`);
    const got = contrast(colours[front], colours[back]);
    if (needed === 4.5) least = Math.min(least, got);
    if (got < needed) { short += 1; console.error(`${side}: --${front} on --${back} is ${got.toFixed(2)}, needs ${needed}`); }
  }
}
console.log(short ? `${short} pairs fall short` : `all ${pairs.length * 2} pairs pass; the faintest text has ${least.toFixed(2)}:1`);
process.exit(short ? 1 : 0);
