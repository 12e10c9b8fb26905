// llama.cpp on the CPU, through the npm package node-llama-cpp: how long a token takes, or what
// logits it gives. Prints one JSON object; decode_speed.py and quantised_error.py call it.
//
//   node llama_cpp.mjs decode FOLDER FILE.gguf IDS.json PROMPT TOKENS [THREADS]
//   node llama_cpp.mjs logits FOLDER FILE.gguf IDS.json OUT.f32 usual|exact [THREADS]
//
// FOLDER has node_modules/node-llama-cpp in it (README.md says how to get it).
//
//   decode   PROMPT of the ids in blocks, then TOKENS more of them one at a time: the seconds of
//            each. What is timed is llama.cpp's own llama_decode and the library's hop to a worker
//            thread; nothing is sampled or copied, so the figure is the kindest one to the peer.
//   logits   the ids one at a time; [N,V] float32 after each go to OUT.f32. `usual`: as llama.cpp
//            comes. `exact`: keys and values in float32, and plain attention, as its flash
//            attention rounds them to 16 bits all the same.
import {readFileSync, openSync, writeSync, closeSync} from "node:fs";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";

const [what, folder, file, idsFile, ...rest] = process.argv.slice(2);
const ids = JSON.parse(readFileSync(idsFile, "utf8"));
const library = join(resolve(folder), "node_modules/node-llama-cpp/dist/index.js");
const {getLlama} = await import(pathToFileURL(library).href);

async function contextOf(threads, tokens, options) {
  const llama = await getLlama(
      {gpu: false, build: "never", maxThreads: threads, logLevel: "error"});
  const model = await llama.loadModel({modelPath: resolve(file)});
  return model.createContext(
      {contextSize: tokens + 1, threads: {ideal: threads, min: threads}, ...options});
}

// The library's own object around llama_context: one batch is one llama_decode.
async function feed(context, first, tokens) {
  context.initBatch(tokens.length);
  context.addToBatch(0, first, Uint32Array.from(tokens), Uint32Array.from([tokens.length - 1]));
  const begin = process.hrtime.bigint();
  await context.decodeBatch();
  return Number(process.hrtime.bigint() - begin) / 1e9;
}

async function decode(prompt, tokens, threads) {
  if (ids.length < prompt + tokens) throw new Error(`${idsFile} has ${ids.length} ids`);
  const context = (await contextOf(threads, prompt + tokens))._ctx;
  context.setThreads(threads);
  const block = 512;
  let prefill = 0;
  for (let at = 0; at < prompt; at += block) {
    prefill += await feed(context, at, ids.slice(at, Math.min(at + block, prompt)));
  }
  const seconds = [];
  for (let i = prompt; i < prompt + tokens; ++i) {
    seconds.push(await feed(context, i, [ids[i]]));
  }
  return {threads: context.getThreads(), prefill_seconds: prefill, seconds};
}

const EXACT = {
  flashAttention: false,
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32",
};

async function logits(out, manner, threads) {
  const context = await contextOf(threads, ids.length, manner === "exact" ? EXACT : {});
  const sequence = context.getSequence();
  const to = openSync(out, "w");
  let size = 0;
  for (const id of ids) {
    const answers = await sequence.controlledEvaluate(
        [[id, {generateNext: {logits: true, options: {temperature: 0}}}]]);
    const of = answers[0].next.logits;
    const row = new Float32Array(of.size);
    for (const [token, logit] of of) row[token] = logit;
    writeSync(to, Buffer.from(row.buffer));
    size = row.length;
  }
  closeSync(to);
  return {rows: ids.length, vocabulary: size};
}

const threads = (given) => Number(given ?? 2);
const result = what === "decode"
    ? await decode(Number(rest[0]), Number(rest[1]), threads(rest[2]))
    : await logits(rest[0], rest[1], threads(rest[2]));
console.log(JSON.stringify(result));
process.exit(0);
