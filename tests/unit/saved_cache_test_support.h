// What the tests of saved caches share: sequences of the tiny model, put down in a file.
#pragma once

#include <filesystem>

#include "config/config.h"
#include "config/plugin_use.h"
#include "plugin/host.h"
#include "saved_cache/saved_cache.h"
#include "sequence_test_support.h"
#include "test_folders.h"

namespace pressroom::saved_cache_test {

using namespace sequence_test;

// The parts that only this says: hashes of files need not be of files here.
inline SavedSequenceOrigin some_origin(const std::string& method) {
  SavedSequenceOrigin origin;
  origin.model = {"c0", "w0", "t0"};
  origin.method = method;
  origin.method_version = "1.0.0";
  origin.method_sha256 = "m0";
  return origin;
}

// Under `continuation`, in the method's own positions.
inline RunSettings settings_for(const Method& method, std::int64_t budget,
                                Continuation continuation) {
  RunSettings settings = settings_of(method, budget);
  settings.protocol.kind = ProtocolKind::kPrefill;
  settings.protocol.prefill_tokens = kPrompt;
  settings.protocol.continuation = continuation;
  settings.reading.between = {1, 2, 3};
  settings.threads = 2;
  return settings;
}

class SavedCacheFile : public testing::Test {
 protected:
  // One that has been fed `tokens` of ids_of(kTokens), put down in file().
  void save(const Method& method, const RunSettings& settings, std::size_t tokens) {
    const Indices ids = ids_of(kTokens);
    Sequence sequence(tiny().model(), method, settings, "one", kTokens);
    sequence.prefill({ids.begin(), ids.begin() + kPrompt});
    for (std::size_t t = kPrompt; t < tokens; ++t) sequence.feed(ids[t]);
    save_sequence(sequence, some_origin("a method"), file());
  }

  std::filesystem::path file() const { return folder_.path() / "saved.safetensors"; }

  ScratchFolder folder_;
  PluginHost host_{{plugin_dir()}};
};

}  // namespace pressroom::saved_cache_test
