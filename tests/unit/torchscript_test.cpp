// Methods written in Python: modules in TorchScript, compiled and saved by the test itself.
#include <caffe2/serialize/inline_container.h>
#include <sys/stat.h>
#include <torch/script.h>

#include <filesystem>
#include <fstream>
#include <tuple>

#include "fake_layer_view.h"
#include "pressroom/selection.h"
#include "pressroom/subset_view.h"
#include "stream_test_support.h"

namespace pressroom::torchscript_test {
namespace {

using Given = std::map<std::string, ParameterValue>;
using Strings = std::vector<std::string>;

const char* const kKeyDiff = R"(
def forward(self, keys):
    units = keys / keys.norm(2, -1, True)
    return -torch.cosine_similarity(keys, units.mean(-2, True), -1)
)";
const char* const kKeyNorm = R"(
def forward(self, keys_before_rope, power: int = 1, sign: float = -1.0, squared: bool = False):
    norms = keys_before_rope.norm(2, -1) ** power
    if squared:
        norms = norms * norms
    return sign * norms
)";

// Saves modules into a folder that is gone with the object.
class ScriptFolder {
 public:
  // The path of a module with this source, and an attribute `declared` that is True.
  std::string save(const std::string& source, const std::string& declared = "") const {
    torch::jit::Module module("Press");
    module.register_attribute("seen", c10::IntType::get(), c10::IValue(std::int64_t{0}));
    if (!declared.empty()) {
      module.register_attribute(declared, c10::BoolType::get(), c10::IValue(true));
    }
    module.define(replaced(source, "): ", "):\n  ") + '\n');  // wants lines
    const std::string file = (folder_.path() / (std::to_string(++count_) + ".pt")).string();
    module.save(file);
    return file;
  }
  // A module with this source, as a PyTorch would save it in which the operator `from` is called
  // `to`.
  std::string save_renamed(const std::string& source, const std::string& from,
                           const std::string& to) const {
    const std::string saved = save(source);
    const std::string file = saved + ".renamed.pt";
    caffe2::serialize::PyTorchStreamReader reader(saved);
    std::ofstream out(file, std::ios::binary);
    caffe2::serialize::PyTorchStreamWriter writer([&](const void* bytes, std::size_t count) {
      out.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count));
      return count;
    });
    for (const std::string& name : reader.getAllRecords()) {
      if (name == "version") continue;  // the writer has its own
      const auto [data, size] = reader.getRecord(name);
      std::string record(static_cast<const char*>(data.get()), size);
      if (has(name, ".py")) record = replaced(record, from, to);
      writer.writeRecord(name, record.data(), record.size());
    }
    writer.writeEndOfFile();
    return file;
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
  mutable int count_ = 0;
};

std::unique_ptr<Method> press(const std::string& file, Given given = {}) {
  given["file"] = file;
  return golden_method("torchscript", given);
}

TEST(TorchScript, AScriptedKeyDiffScoresAsTheReferenceDoes) {
  const ScriptFolder folder;
  const auto method = press(folder.save(kKeyDiff));
  const EvictionPlan plan = method->plan(8);
  EXPECT_EQ(plan.ranking, Ranking::kScore);
  EXPECT_TRUE(plan.couples_heads);
  EXPECT_FALSE(plan.needs.held_inputs);
  EXPECT_FALSE(plan.needs.keys_before_rope);
  EXPECT_LT(distance(golden_scores(*method), golden("keydiff")), 1e-6);
}

TEST(TorchScript, AModuleThatSaysItIsCausalScoresAtBirth) {
  const ScriptFolder folder;
  for (const char* declared : {"causal", "is_causal_per_token"}) {
    const auto method = press(folder.save(kKeyNorm, declared));
    EXPECT_EQ(method->plan(8).ranking, Ranking::kBirthScore) << declared;
    EXPECT_FALSE(method->plan(8).couples_heads) << declared;
    EXPECT_LT(distance(golden_scores(*method), golden("knorm")), 1e-6) << declared;
  }
  const std::string undeclared = folder.save(kKeyNorm);
  EXPECT_EQ(press(undeclared)->plan(8).ranking, Ranking::kScore);
  EXPECT_EQ(press(undeclared, {{"causal", true}})->plan(8).ranking, Ranking::kBirthScore);
}

TEST(TorchScript, IsGivenWhatItNamesAndWhatTheConfigSays) {
  const LayerInputs inputs = layer_inputs();
  const auto rows = [](const at::Tensor& scores) {
    nlohmann::json all;
    for (std::int64_t g = 0; g < scores.size(0); ++g) {
      const at::Tensor row = scores[g].contiguous();
      all.push_back(std::vector<double>(row.data_ptr<double>(), row.data_ptr<double>() + 16));
    }
    return all;
  };
  const at::Tensor heads = at::arange(2, at::kDouble).unsqueeze(1);
  const at::Tensor positions = at::arange(16, at::kDouble).unsqueeze(0);
  struct Case {
    std::string source;
    Given given;
    at::Tensor expected;  // [2,16]; the layer is 1
  };
  const std::vector<Case> cases = {
      {"def forward(self, values): return values.sum(-1)", {}, inputs.values.sum(-1)},
      {"def forward(self, keys_before_rope): return keys_before_rope.sum(-1)",
       {},
       inputs.keys_before_rope.sum(-1)},
      {"def forward(self, hidden, heads, layer: int):\n"
       "  return hidden.sum(-1) + 10 * layer + heads.unsqueeze(1)",
       {},
       inputs.hidden.sum(-1) + 10 + heads},
      {"def forward(self, positions): return positions.float().sqrt()",
       {},
       positions.sqrt().expand({2, 16})},
      {"def forward(self, keys, values, hidden: Optional[Tensor] = None):\n"
       "  assert hidden is None\n"
       "  return (keys + values).sum(-1)",
       {{"needs", Strings{"keys", "values"}}},
       (inputs.keys + inputs.values).sum(-1)},
      {kKeyNorm,
       {{"arguments", Strings{"power=2", "sign=0.5", "squared=true"}}},
       0.5 * inputs.keys.norm(2, -1).pow(4)},
  };
  const ScriptFolder folder;
  for (const Case& each : cases) {
    for (const bool causal : {false, true}) {
      Given given = each.given;
      given["causal"] = causal;
      const auto method = press(folder.save(each.source), given);
      if (causal && has(each.source, "positions")) continue;
      EXPECT_LT(distance(golden_scores(*method), rows(each.expected.contiguous())), 1e-6)
          << each.source << (causal ? ", at birth" : "");
    }
  }
}

TEST(TorchScript, ProtectsSinksAndRecents) {
  const ScriptFolder folder;
  const auto method = press(folder.save(kKeyNorm),
                            {{"n_sink", std::int64_t{2}}, {"recent", TokensOrFraction{0.25}}});
  EXPECT_EQ(method->plan(16).sinks, 2);
  EXPECT_EQ(method->plan(16).recents, 4);
}

TEST(TorchScript, ScoresHeadsThatHoldOtherEntriesOneByOne) {
  const ScriptFolder folder;
  const auto method =
      press(folder.save("def forward(self, keys, heads, positions):\n"
                        "  return keys.size(0) * 100 + heads.unsqueeze(1) * 10 + positions * 1.0"));
  const EvictionPlan plan = method->plan(8);
  const auto policy = method->make_policy(golden_context(8));
  const FakeLayer layer(plan);
  const auto scores_of = [&](const at::Tensor& first, const at::Tensor& second) {
    std::vector<float> all;
    for (const at::Tensor& row : policy->score_layer(SubsetLayer(layer, {first, second}))) {
      const at::Tensor floats = row.contiguous();
      all.insert(all.end(), floats.data_ptr<float>(), floats.data_ptr<float>() + row.numel());
    }
    return all;
  };
  const at::Tensor few = to_tensor({1, 3});
  const at::Tensor others = to_tensor({1, 4});
  const at::Tensor one = to_tensor({7});
  EXPECT_EQ(scores_of(few, few), (std::vector<float>{201, 203, 211, 213}));
  EXPECT_EQ(scores_of(few, others), (std::vector<float>{101, 103, 111, 114}));
  EXPECT_EQ(scores_of(few, one), (std::vector<float>{101, 103, 117}));
  EXPECT_EQ(scores_of(one, one), (std::vector<float>{207, 217}));
}

TEST(TorchScript, RefusesWhatCannotBeCalledWithOneClearError) {
  struct Case {
    std::string source;
    Given given;
    std::string what;
    std::string got;
  };
  const std::string good = "def forward(self, keys, mode: int = 0): return keys.sum(-1)";
  const std::vector<Case> cases = {
      {"def score(self, keys): return keys", {}, "the module has no forward()", "none"},
      {good,
       {{"needs", Strings{"keys", "hidden"}}},
       "forward() lacks an argument that \"needs\" lists",
       "keys, mode"},
      {"def forward(self, keys, attentions): return keys.sum(-1)",
       {},
       "forward() wants an argument that it is not given",
       "attentions"},
      {"def forward(self, keys, values): return keys.sum(-1)",
       {{"needs", Strings{"keys"}}},
       "forward() wants an argument that it is not given",
       "values"},
      {"def forward(self, keys: int): return torch.zeros(1)",
       {},
       "an argument of forward() has another type than what it is given",
       "int"},
      {good, {{"arguments", Strings{"mode"}}}, "an argument for forward() has no value", "mode"},
      {good,
       {{"arguments", Strings{"moed=1"}}},
       "forward() has no argument of this name to be given",
       "moed=1"},
      {good,
       {{"arguments", Strings{"keys=1"}}},
       "forward() has no argument of this name to be given",
       "keys=1"},
      {good,
       {{"arguments", Strings{"mode=1.5"}}},
       "an argument for forward() is not of its type",
       "mode=1.5"},
      {"def forward(self, keys):\n  self.seen = self.seen + 1\n  return keys.sum(-1)",
       {},
       "forward() changes its module",
       "an assignment to an attribute"},
      {"def forward(self, keys): return keys.cuda().sum(-1)", {}, "forward() failed", "cuda"},
      {"def forward(self, keys):\n"
       "  return keys.sum(-1) + torch.ones([1], device=torch.device(\"cuda\"))",
       {},
       "forward() failed",
       "with arguments from the 'CUDA' backend (line 2, in forward)"},
      {"def forward(self, keys):\n  assert False, \"never\"\n  return keys.sum(-1)",
       {},
       "forward() failed",
       "RuntimeError: AssertionError: never (line 2, in forward)"},
      {"def forward(self, keys): return keys",
       {},
       "forward() returns scores of the wrong shape",
       ""},
      {"def forward(self, keys): return keys.sum(-1)[:1]",
       {},
       "forward() returns scores of the wrong shape",
       "[1, 256]"},
      {"def forward(self, keys): return keys.sum(-1).long()",
       {},
       "forward() returns scores of the wrong type",
       "Long"},
      {"def forward(self, keys): return [keys.sum(-1)]", {}, "forward() returns no tensor", ""},
      {"def forward(self, keys): return (keys.sum(-1) * 0) / 0",
       {},
       "forward() returns NaN",
       "NaN in layer 0"},
      {kKeyDiff,
       {{"causal", true}},
       "forward() gives a token another score alone than among others",
       "alone"},
  };
  const ScriptFolder folder;
  for (const Case& each : cases) {
    const std::string file = folder.save(each.source);
    const Problem problem = problem_of([&] { press(file, each.given); });
    EXPECT_EQ(problem.what, each.what) << each.source;
    EXPECT_TRUE(has(problem.got, each.got)) << problem.got;
    EXPECT_TRUE(has(problem.where, file)) << problem.where;
    EXPECT_FALSE(has(problem.text(), "Traceback")) << problem.text();
  }
}

TEST(TorchScript, RefusesFilesThatAreNoTorchScript) {
  const ScriptFolder folder;
  std::ofstream(folder.path() / "text.pt") << "import torch\n";
  std::ofstream(folder.path() / "pointer.pt") << "version https://git-lfs.github.com/spec/v1\n";
  std::ofstream(folder.path() / "page.pt") << "<!-- 404 -->\n<HEAD><TITLE>Not Found";
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.pt").c_str(), 0600), 0);
  struct Case {
    std::string name;
    std::string what;
    std::string got;
  };
  for (const Case& each :
       {Case{"text.pt", "the file is no TorchScript module that can be read", "zip archive"},
        Case{"pointer.pt", "the file is a Git LFS pointer, not the data", "git-lfs"},
        Case{"page.pt", "the file is a page of a web server, not the data", "<HEAD>"},
        Case{"pipe.pt", "this is no file", "a pipe"},
        Case{"none.pt", "there is no such file", "nothing of that name"},
        Case{"", "there is no such file", "a folder"}}) {
    const Problem problem = problem_of([&] { press((folder.path() / each.name).string()); });
    EXPECT_EQ(problem.what, each.what) << each.name;
    EXPECT_TRUE(has(problem.got, each.got)) << problem.got;
  }
}

TEST(TorchScript, NamesAnOperatorThatLibtorchDoesNotHave) {
  const ScriptFolder folder;
  const std::string source = "def forward(self, keys): return torch.square(keys).sum(-1)";
  const std::string unknown = folder.save_renamed(source, "torch.square", "torch.no_such_operator");
  const Problem no_such = problem_of([&] { press(unknown); });
  EXPECT_EQ(no_such.what, "the module uses an operator that the libtorch in use does not have");
  EXPECT_EQ(no_such.got, "aten::no_such_operator");
  EXPECT_EQ(no_such.where, unknown);
  EXPECT_FALSE(no_such.fix.empty());
  EXPECT_FALSE(has(no_such.text(), "HERE")) << no_such.text();
  // An argument that the operator did not have yet.
  const std::string misfit = folder.save_renamed(source, "square(keys)", "square(keys, 2, 3)");
  EXPECT_EQ(problem_of([&] { press(misfit); }).got, "aten::square with such arguments");
}

TEST(TorchScript, KeepsWhatTheSameMethodInCppKeepsOnBothEngines) {
  const ScriptFolder folder;
  const TinyModel tiny(TinyShape(), RandomKey(61));
  const std::vector<std::int64_t> ids = random_ids(40, TinyShape(), RandomKey(62));
  const auto kept = [&](Engine engine, const Method& method, std::int64_t chunk) {
    RunSettings settings = settings_of(method, 10);
    if (chunk > 0) settings.protocol.kind = ProtocolKind::kChunked;
    settings.protocol.chunk_size = chunk;
    return run_documents(engine, tiny.model(), method, settings, {{"document", ids}}, RunControl())
        .front()
        .kept;
  };
  for (const auto& [name, source, declared] :
       {std::tuple("keydiff", kKeyDiff, ""), std::tuple("knorm", kKeyNorm, "causal")}) {
    const auto scripted = press(folder.save(source, declared));
    const auto compiled = golden_method(name);
    for (const std::int64_t chunk : {0, 7}) {
      const auto expected = kept(Engine::kDecode, *compiled, chunk);
      EXPECT_EQ(kept(Engine::kDecode, *scripted, chunk), expected) << name << ", chunk " << chunk;
      EXPECT_EQ(kept(Engine::kReplay, *scripted, chunk), expected) << name << ", chunk " << chunk;
    }
  }
}

}  // namespace
}  // namespace pressroom::torchscript_test
