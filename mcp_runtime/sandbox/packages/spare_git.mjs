// Loaded before the server for files: what is git's own is not changed by it, whatever a path is called. A hook or a
// setting written there would be run by whoever uses the repository on the host, outside of any sandbox.
import { existsSync, promises, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MOST_LINKS = 40;
const PARTS = ["HEAD", "objects", "refs"]; // what git takes for a repository, with or without a name that says so

// Where a path leads, also when there is nothing yet: a link to nothing is followed by whoever writes to it.
function real(path, links = 0) {
  if (links > MOST_LINKS) throw new Error(`Too many links: ${path}`);
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  const here = above === path ? path : join(real(above, links), basename(path));
  let target;
  try {
    target = readlinkSync(here);
  } catch {
    return here;
  }
  return real(resolve(dirname(here), target), links + 1);
}

function isGits(path) {
  for (let at = real(path), name = ""; ; name = basename(at), at = dirname(at)) {
    if (basename(at).toLowerCase() === ".git") return true;
    // With what is about to be made: a repository must not be put together piece by piece either.
    const names = new Set(name ? [name] : []);
    try {
      for (const each of readdirSync(at)) names.add(each);
    } catch {
      // A file, or nothing yet.
    }
    if (PARTS.every((each) => names.has(each))) return true;
    if (dirname(at) === at) return false;
  }
}

function spare(name, changes) {
  const original = promises[name];
  promises[name] = async (...given) => {
    for (const path of changes(...given)) {
      const plain = path instanceof URL ? fileURLToPath(path) : String(path);
      if (isGits(resolve(plain))) throw new Error(`${plain} is git's own: nothing else may change it.`);
    }
    return original.apply(promises, given);
  };
}

const reading = (flags) => flags === undefined || flags === "r" || flags === "rs" || flags === 0;
for (const name of ["writeFile", "appendFile", "mkdir", "rm", "rmdir", "unlink", "truncate", "chmod", "utimes"])
  spare(name, (path) => (typeof path === "object" && !(path instanceof URL) ? [] : [path]));
for (const name of ["rename", "copyFile", "cp", "link"]) spare(name, (from, to) => [from, to]);
spare("symlink", (_, path) => [path]);
spare("open", (path, flags) => (reading(flags) ? [] : [path]));
