// A table of methods for tests of what holds for all of them.
#pragma once

namespace pressroom {

// Every method of the build that needs no file, in parameters that fit a budget of 16 out of 60
// tokens.
inline constexpr const char* kEveryMethod[] = {
    "h2o",
    "h2o_20_80",
    "{name: h2o, share: layer}",
    "{name: lazy_h2o, n_sink: 2, update_interval: 3}",
    "{name: lazy_h2o, n_sink: 2, update_interval: 3, share: layer}",
    "streaming_llm",
    "{name: local_strided, local_window: 6, stride: 5}",
    "random",
    "{name: sepllm, n_sink: 2, separators: 4, local: 5, capacity: 16, separator_ids: [3, 9, 20]}",
    "{name: unified, n_sink: 2, separators: 4, heavy: 4, local: 5, separator_ids: [3, 9, 20]}",
    "{name: lazy_unified, n_sink: 2, separators: 4, heavy: 4, local: 5, separator_ids: [3, 9, 20]}",
    "cab",
    "{name: cab, share: layer}",
    "cab_v3",
    "cab_v4",
    "observed_attention",
    "knorm",
    "{name: expected_attention, n_future_positions: 16}",
    "{name: snapkv, window_size: 4, kernel_size: 3}",
    "tova",
    "{name: tova, share: kv_head}",
    "keydiff",
    "{name: lagkv, n_sink: 2, lag_size: 5}",
    "cur",
    "{name: finch, window_size: 4}",
    "{name: think, window_size: 4, key_channel_compression_ratio: 0.5}",
    "leverage",
    "{name: non_causal_attention, chunk_size: 7}",
    "{name: compactor, sink_size_start: 2, sink_size_end: 2, chunk_size: 7}",
    "{name: cap, n_future_positions: 16}",
    "{name: simlayerkv, lazy_threshold: 0.4, n_recent: 6, n_initial: 2}",
    "kvzip",
    "{name: kvzip, layerwise: true, kvzip_plus_normalization: true}",
    "{name: adakv, inner: keydiff}",
    "{name: adakv, inner: h2o}",
    "{name: adakv, inner: {name: criticalkv, inner: {name: tova, share: kv_head}}}",
    "{name: criticalkv, inner: keydiff}",
    "{name: pyramidkv, window_size: 4, beta: 4, inner: {name: snapkv, window_size: 4}}",
    "{name: chunk, chunk_length: 9, inner: knorm}",
    "{name: chunkkv, chunk_length: 4, inner: {name: snapkv, window_size: 4}}",
    "{name: block, block_size: 5, inner: keydiff}",
    "{name: dms, threshold: -1.0, window: 6, inner: knorm}",
    "{name: decoding, compression_interval: 3, inner: streaming_llm}",
    "{name: prefill_decoding, prefilling: keydiff, decoding: knorm}",
    "{name: composed, first: knorm, second: keydiff}",
    "{name: rerotate, inner: knorm}",
};

}  // namespace pressroom
