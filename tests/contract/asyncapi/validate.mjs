// Reads an AsyncAPI document from standard input and prints what the official parser finds wrong with it, as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const errors = diagnostics.filter((each) => each.severity === 0).map((each) => `${each.path.join(".")}: ${each.message}`);
const channels = document ? document.channels().all().map((each) => each.id()) : [];
console.log(JSON.stringify({ parsed: document !== undefined, errors, channels }));
