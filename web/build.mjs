// Builds the page into bot/sandbox/web/static; with --check says whether what lies
// there is what the sources make.
import { build } from "esbuild";
import { nameToEmoji } from "gemoji";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const shipped = join(here, "..", "bot", "sandbox", "web", "static");
const FONTS = ["lato-latin-400-normal", "lato-latin-400-italic", "lato-latin-700-normal", "lato-latin-900-normal"];
const BUNDLED = ["preact", "slack-message-parser", "gemoji", "@fontsource/lato"];

const emoji = {
  name: "emoji",
  setup(one) {
    one.onResolve({ filter: /^emoji-names$/ }, () => ({ path: "emoji-names", namespace: "emoji" }));
    one.onLoad({ filter: /.*/, namespace: "emoji" }, () => ({ contents: JSON.stringify(nameToEmoji), loader: "json" }));
  },
};

async function make(folder) {
  await mkdir(folder, { recursive: true });
  await build({
    absWorkingDir: here,
    entryPoints: { app: "src/main.tsx" },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    external: ["*.woff2"],
    plugins: [emoji],
    logLevel: "warning",
  });
  await writeFile(join(folder, "index.html"), await readFile(join(here, "src", "index.html")));
  for (const font of FONTS) {
    const from = join(here, "node_modules", "@fontsource", "lato", "files", `${font}.woff2`);
    await writeFile(join(folder, `${font}.woff2`), await readFile(from));
  }
  await writeFile(join(folder, "third-party.txt"), await notices());
}

async function notices() {
  const parts = ["Parts of this page that others wrote, with their licenses.\n"];
  for (const name of BUNDLED) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
    const text = await readFile(join(folder, file), "utf8");
    parts.push(`${"=".repeat(72)}\n${name} ${version.replace(/^v/, "")} (${license})\n\n${text.trim()}\n`);
  }
  return parts.join("\n");
}

async function differences(made) {
  const names = new Set([...(await readdir(made)), ...(await readdir(shipped))]);
  const found = [];
  for (const name of names) {
    const [one, other] = await Promise.all(
      [made, shipped].map((folder) => readFile(join(folder, name)).catch(() => null)),
    );
    if (!one || !other || !one.equals(other)) found.push(name);
  }
  return found.sort();
}

if (process.argv.includes("--check")) {
  const folder = await mkdtemp(join(tmpdir(), "ringout-page-"));
  try {
    await make(folder);
    const stale = await differences(folder);
    if (stale.length) {
      console.error(`Not what web/ builds: ${stale.join(", ")}. Run: npm --prefix web run build`);
      process.exitCode = 1;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
} else {
  await make(shipped);
}
