#include "fuzz_targets.h"

#include <nlohmann/json.hpp>

#include "base/whole_file.h"
#include "bundle/bundle_frame.h"
#include "bundle_test_support.h"
#include "campaign_writer.h"
#include "config/config.h"
#include "gguf/gguf_model.h"
#include "golden/golden.h"
#include "install_targets.h"
#include "model/description.h"
#include "plugin/manifest.h"
#include "repository/judged_bundle.h"
#include "repository/known_repositories.h"
#include "repository/repository_index.h"
#include "result_builder.h"
#include "results/record_json.h"
#include "results/stored_cell.h"
#include "scratch_folder.h"
#include "test_folders.h"
#include "tokenizer/tokenizer.h"
#include "trace/trace_file.h"
#include "trace_test_support.h"
#include "weights/safetensors.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> contents(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool ends = name.size() >= ending.size() &&
                      name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
    if (entry.is_regular_file() && ends) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> texts;
  for (const fs::path& file : files) texts.push_back(read_file(file));
  return texts;
}

std::string sealed(nlohmann::ordered_json json) {
  seal(json);
  return json.dump(1);
}

// A cell whose numbers were changed is found out by its seal, so most inputs are sealed again: what
// is looked for is a reader that believes what a sealed file says.
void read_cell(const std::string& bytes) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(bytes, nullptr, false);
  if (json.is_object()) {
    json.erase("sha256");
    cell_result_from_json(sealed(json), "cell.json");
  }
  cell_result_from_json(bytes, "cell.json");
}

void read_safetensors(const std::string& bytes) {
  for (const auto& [name, tensor] : parse_safetensors(bytes, "model.safetensors")) {
    const std::int64_t elements = row_count(tensor.shape) * row_elements(tensor.shape);
    if (safetensors_element_bytes(tensor.dtype) == 0) continue;  // a type that is not supported
    std::vector<float> values(static_cast<std::size_t>(elements));
    widen_elements(tensor, 0, elements, values.data());
  }
}

constexpr std::int64_t kLongestRow = 1 << 20;

void read_gguf(const fs::path& file) {
  const std::unique_ptr<WeightSource> weights = open_gguf_weights(file);
  gguf_config(GgufFile(file));
  for (const std::string& name : weights->names()) {
    const std::vector<std::int64_t>& shape = weights->shape(name);
    // A tensor without bytes, or of a type that is not supported, may say any length.
    if (row_count(shape) == 0 || row_elements(shape) > kLongestRow) continue;
    std::vector<float> row(static_cast<std::size_t>(row_elements(shape)));
    weights->read_rows(name, 0, 1, row.data());
  }
}

PublicKey numbered_key(unsigned char number) {
  PublicKey key;
  key.id[0] = number;
  return key;
}

RepositoryIndex small_index() {
  const BundleMembers members = small_bundle();
  RepositoryIndex index;
  index.keys = {{numbered_key(1), "A. Author", UtcTime{}, false},
                {numbered_key(2), "B. Author", {}, true}};
  index.bundles = {
      indexed_bundle(bundle_bytes(members, kBundle), verify_contents(members, kBundle))};
  index.bundles[0].variants = {"7.0-1.13-1017-cxx11-1-x86_64"};
  return index;
}

std::vector<KnownRepository> two_repositories() {
  return {{"lab", "/srv/presses", {numbered_key(1)}, 12, small_index().keys},
          {"web", "https://presses.example/a", {numbered_key(2)}, 0, {}}};
}

}  // namespace

std::vector<FuzzTarget> fuzz_targets(const fs::path& source, const fs::path& plugins,
                                     const fs::path& scratch) {
  const fs::path goldens = source / "tests/goldens";
  // Writes the input where a reader of files finds it.
  const auto on_disk = [scratch](const std::string& name, const std::string& bytes) {
    const fs::path file = scratch / name;
    write_file(file, bytes);
    return file;
  };
  const auto host = std::make_shared<PluginHost>(std::vector<fs::path>{plugins});
  CellResult cell = made_cell("h2o", 0.9, 42, {1.5, 2.5});
  add_metric(cell, "perplexity", 7.5);

  std::vector<FuzzTarget> targets;
  targets.push_back({"yaml", contents(source / "configs", ".yaml"), true,
                     [host, on_disk](const std::string& bytes) {
                       load_config(on_disk("campaign.yaml", bytes), {}, *host);
                     }});
  targets.push_back({"config", contents(goldens / "models", "config.json"), true,
                     [on_disk](const std::string& bytes) {
                       const fs::path file = on_disk("config.json", bytes);
                       ModelFiles files;
                       files.root = file.parent_path();
                       files.config = file;
                       read_description(files);
                     }});
  targets.push_back(
      {"tokenizer",
       {read_file(goldens / "tokenizer_gpt2.json"), read_file(goldens / "tokenizer_qwen.json"),
        read_file(goldens / "tokenizer_pieces.json")},
       true,
       [on_disk](const std::string& bytes) {
         const auto tokenizer = Tokenizer::load(on_disk("tokenizer.json", bytes));
         const std::string text = "It's 12 <s>\u00e9\ud55c \n";
         tokenizer->decode(tokenizer->encode(text, Special::kAdd));
       }});
  targets.push_back(
      {"safetensors", {read_file(goldens / "kvzap_linear.safetensors")}, false, read_safetensors});
  targets.push_back(
      {"gguf", {read_file(goldens / "mistral.gguf")}, false, [on_disk](const std::string& bytes) {
         read_gguf(on_disk("model.gguf", bytes));
       }});
  targets.push_back({"gguf_tokenizer",
                     {read_file(goldens / "tokenizer_pieces.gguf")},
                     false,
                     [on_disk](const std::string& bytes) {
                       const auto tokenizer = Tokenizer::load(on_disk("pieces.gguf", bytes));
                       tokenizer->decode(tokenizer->encode("It's 12 \u00e9", Special::kAdd));
                     }});
  targets.push_back({"cell", {sealed(to_json(cell))}, true, read_cell});
  targets.push_back({"trace", {trace_bytes(small_trace())}, false, [](const std::string& bytes) {
                       parse_trace(bytes, "h2o.trace");
                     }});
  targets.push_back({"plugin",
                     {read_file(plugins / "pressroom_method_h2o.so")},
                     false,
                     [on_disk](const std::string& bytes) {
                       read_manifest(on_disk("plugin.so", bytes));  // read, never loaded
                     }});
  // Compressed when it is damaged already: zstd's checksum would find it otherwise.
  targets.push_back({"bundle",
                     {unpack_frame(bundle_bytes(small_bundle(), kBundle), kBundle, {})},
                     false,
                     [](const std::string& bytes) {
                       verify_contents(parse_bundle(pack_frame(bytes), kBundle), kBundle);
                     }});
  targets.push_back({"bundle_manifest",
                     {small_bundle().at(kManifestPath).bytes},
                     true,
                     [](const std::string& bytes) { parse_bundle_manifest(bytes, kBundle); }});
  const std::string hash(64, 'a');
  const std::string golden =
      R"({"schema": "pressroom.golden/1", "kind": "method", "name": "h2o", "model": )"
      R"({"config_sha256": ")" +
      hash + R"(", "weights_sha256": ")" + hash + R"(", "tokenizer_sha256": ")" + hash +
      R"("}, "answers": [{"protocol": "stream", "budget_tokens": 4, "engine": "decode", )"
      R"("ids_sha256": ")" +
      hash +
      R"(", "kept": [["0-2 5", "1 3"], ["", "0-3"]], "nll_nats": [7.7, 1e-3]}, )"
      R"({"protocol": "stream", "refused": "why"}]})";
  targets.push_back({"golden", {golden}, true, [golden](const std::string& bytes) {
                       const auto recorded = parse_golden(bytes, "golden.json");
                       golden_differences(recorded, parse_golden(golden, "x"), "golden.json");
                     }});
  targets.push_back(
      {"repository_index",
       {repository_index_text(small_index(), "index.json")},
       true,
       [](const std::string& bytes) { parse_repository_index(bytes, "index.json"); }});
  targets.push_back(
      {"known_repositories",
       {known_repositories_text(two_repositories(), "repositories.json")},
       true,
       [](const std::string& bytes) { parse_known_repositories(bytes, "repositories.json"); }});
  for (FuzzTarget& target : install_targets(cli_plugin_dir())) targets.push_back(std::move(target));
  return targets;
}

}  // namespace pressroom
