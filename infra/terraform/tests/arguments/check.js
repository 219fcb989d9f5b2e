// Checks the arguments of every resource and data source against the AWS provider's own list, without Terraform. It
// finds unknown resources, unknown arguments, and missing arguments and blocks.
//
//   node check.js PACKAGE DIRECTORY...    PACKAGE: @cdktf/provider-aws, unpacked; DIRECTORY: a directory with .tf files
//
// The list is the generated TypeScript of CDK for Terraform: each interface has the arguments of one block; each member
// has the argument's real name in its documentation URL, and "?" if it is optional.
"use strict";
const fs = require("fs");
const path = require("path");
const { parse } = require("@cdktf/hcl2json");

const [library, ...directories] = process.argv.slice(2);
const META = new Set(["count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection", "timeouts"]);
const problems = [];
let checked = 0;

/** The interfaces of a resource: name -> Map(argument -> {required, type}); null if there is no such resource. */
const known = new Map();
function interfacesOf(kind, type) {
  const name = type.replace(/_/g, "-");
  const folder = kind === "data" ? `data-${name}` : name.replace(/^aws-/, "");
  if (!known.has(folder)) {
    const file = path.join(library, "lib", folder, "index.d.ts");
    known.set(folder, fs.existsSync(file) ? interfaces(fs.readFileSync(file, "utf8")) : null);
  }
  return known.get(folder);
}
function interfaces(text) {
  const found = new Map();
  for (const block of text.matchAll(/export interface (\w+)[^{]*\{([\s\S]*?)\n\}/g)) {
    const members = new Map();
    for (const member of (block[2] + "\n").matchAll(/#(\w+) \w+#\w+\}[\s\S]*?readonly \w+(\?)?: ([\s\S]*?);\n/g)) {
      members.set(member[1], { required: !member[2], type: (member[3].match(/\b[A-Z]\w+(?=\[\]| \||$)/) || [""])[0] });
    }
    found.set(block[1], members);
  }
  return found;
}

function check(where, block, name, all) {
  const members = all.get(name);
  const given = new Map(Object.entries(block).filter(([key]) => key !== "dynamic"));
  for (const [key, blocks] of Object.entries(block.dynamic || {})) {
    given.set(key, blocks.flatMap((each) => each.content));
  }
  for (const [key, value] of given) {
    if (META.has(key)) {
      continue;
    }
    checked++;
    const member = members.get(key);
    if (!member) {
      problems.push(`${where}: unknown argument ${key}`);
    } else if (all.has(member.type)) {
      for (const inner of Array.isArray(value) ? value : [value]) {
        if (inner !== null && typeof inner === "object") {
          check(`${where}.${key}`, inner, member.type, all);
        }
      }
    }
  }
  for (const [key, member] of members) {
    if (member.required && !given.has(key)) {
      problems.push(`${where}: missing argument ${key}`);
    }
  }
}

async function main() {
  for (const directory of directories) {
    for (const file of fs.readdirSync(directory).filter((each) => each.endsWith(".tf"))) {
      const where = path.join(directory, file);
      const content = await parse(where, fs.readFileSync(where, "utf8"));
      for (const kind of ["resource", "data"]) {
        for (const [type, named] of Object.entries(content[kind] || {})) {
          const all = interfacesOf(kind, type);
          for (const [name, blocks] of Object.entries(named)) {
            if (!all) {
              problems.push(`${where}: unknown ${kind} ${type}`);
              continue;
            }
            const top = [...all.keys()].find((each) => each.endsWith("Config"));
            blocks.forEach((block) => check(`${where}: ${type}.${name}`, block, top, all));
          }
        }
      }
    }
  }
  problems.forEach((problem) => console.log(problem));
  console.log(`${checked} arguments checked, ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`);
  process.exit(problems.length ? 1 : 0);
}
main().catch((e) => {
  console.log(String(e && e.message ? e.message : e));
  process.exit(1);
});
