// Every method under every protocol that allows it: both engines, one answer.
#include <cstdlib>

#include "admission/admitted_run.h"
#include "admission/bind_method.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "engine/invariants.h"
#include "engine_comparison.h"
#include "every_method.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom::method_engines_test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProtocols[] = {"stream", "{kind: chunked, chunk_size: 7}",
                                      "{kind: prefill, prefill_tokens: 40}",
                                      "{kind: prefill, prefill_tokens: 40, continuation: hold}"};

constexpr std::int64_t kBudget = 16;
constexpr std::int64_t kTokens = 60;

class MethodEngines : public testing::TestWithParam<const char*> {
 protected:
  MethodEngines()
      : files_(model_in(test_dir() / "goldens/models" / GetParam())), model_(Model::load(files_)) {}

  // Whether the method can run under the protocol at all.
  bool is_allowed(const RunSettings& settings) const {
    try {
      check_setting(settings.plan, settings.protocol, settings.positions, "the method");
    } catch (const Error&) {
      return false;
    }
    return !settings.plan.couples_layers &&
           !nothing_evicted(settings.plan, settings.protocol, settings.budget_tokens, kTokens, "")
                .has_value();
  }

  PluginHost host_{{plugin_dir()}};
  ModelFiles files_;
  std::unique_ptr<Model> model_;
};

TEST_P(MethodEngines, GiveOneAnswer) {
  TinyShape shape;
  shape.vocabulary = model_->facts().vocabulary;
  const TokenDocument document = {"one", random_ids(kTokens, shape, RandomKey(31))};
  int runs = 0;
  int parted = 0;
  for (const char* yaml : kEveryMethod) {
    const auto method = make_configured_method(
        parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_), host_);
    bind_method(*method, yaml, files_, model_->facts());
    int allowed = 0;
    for (const char* protocol : kProtocols) {
      SCOPED_TRACE(std::string(yaml) + ", " + protocol);
      RunSettings settings = settings_of(*method, kBudget);
      settings.plan = checked_plan(*method, kBudget, yaml);
      settings.protocol = parse_protocol(protocol, "the test");
      settings.threads = 2;
      settings.check_views = true;
      settings.reading.between = {1, 2, 3};
      if (!is_allowed(settings)) continue;
      ++allowed;
      ++runs;
      const DocumentRun replayed =
          replay_documents(*model_, *method, settings, {document}, RunControl()).front();
      const DocumentRun decoded =
          decode_documents(*model_, *method, settings, {document}, RunControl()).front();
      EXPECT_NO_THROW(check_invariants(replayed, settings, document));
      EXPECT_NO_THROW(check_invariants(decoded, settings, document));
      EXPECT_EQ(replayed.bytes_per_entry, decoded.bytes_per_entry);
      if (const auto parting = first_parting(replayed, decoded)) {
        ++parted;
        std::cout << "parted: " << GetParam() << ", " << yaml << ", " << protocol << "\n"
                  << text(*parting, "replay", "decode");
        continue;
      }
      EXPECT_LE(largest_difference(replayed.nll_nats, decoded.nll_nats), 1e-4);
    }
    EXPECT_GE(allowed, 1) << yaml;
  }
  // Where scores differ by rounding alone the engines may keep different entries.
  EXPECT_LE(parted, runs / 50) << "of " << runs;
}

INSTANTIATE_TEST_SUITE_P(Families, MethodEngines,
                         testing::Values("llama3_rope", "gpt_neox_parallel", "qwen3"));

}  // namespace
}  // namespace pressroom::method_engines_test
