// One document through one method: the number behind the numbers.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "engine/fidelity/fidelity.h"
#include "engine/parting.h"
#include "engine/run.h"
#include "model/model.h"
#include "results/cell.h"

namespace pressroom {

struct ScoreRequest {
  std::string model;
  std::string ids_file;   // a JSON array of token ids; or
  std::string text_file;  // a text, encoded without special tokens
  Protocol protocol;
  PluginUse method;
  // Exactly one of the two; dense, which keeps everything, takes none and passes over either.
  std::optional<std::int64_t> budget_tokens;
  std::optional<double> sparsity;  // fraction removed of the tokens the protocol compresses
  std::optional<Positions> positions;
  // How keys and values are held; nothing: as the method's use says, else float32.
  std::optional<KvDtype> kv_dtype;
  std::uint64_t seed = 0;       // of methods that draw random numbers
  std::string engine = "auto";  // auto, replay, decode, or both: replay, compared with decode
  std::int64_t threads = 0;
  WeightDtype dtype = WeightDtype::kFloat32;
  std::string device = "cpu";  // a name that device_named takes
  LoadProgress load_progress;
  std::string trace_file;         // where an eviction trace goes, or ""
  bool fidelity = false;          // run dense as well, and compare
  bool beyond_positions = false;  // run although the model was made for fewer positions
  // Look whether the method writes to what it is shown; a method from elsewhere than the
  // installation always is looked at.
  bool check_views = false;
  bool allow_inert = false;  // run although nothing can be evicted before the last target
};

struct ScoreResult {
  std::string model;
  Protocol protocol;
  std::string method;
  Positions positions = Positions::kOriginal;
  KvDtype kv_dtype = KvDtype::kFloat32;
  WeightDtype dtype = WeightDtype::kFloat32;
  std::uint64_t seed = 0;
  bool beyond_training = false;  // longer than the positions the model was made for
  std::int64_t budget_tokens = 0;
  std::string ids_sha256;
  DocumentRun run;
  Engine engine = Engine::kReplay;
  std::optional<DocumentRun> decoded;  // with engine "both"
  std::optional<Parting> parting;      // of `run` and `decoded`, where entries left otherwise
  std::optional<Fidelity> fidelity;    // on request
  std::int64_t kv_bytes = 0;           // held after the last step
  double seconds = 0;

  double mean_nll() const;
  // With engine "both": the largest difference in nll, and whether the same entries were kept.
  double largest_difference() const;
  bool same_kept() const { return decoded && decoded->kept == run.kept; }
  // Whether the engines gave one answer: the same entries at the end, nll equal to rounding. Over
  // keys and values that are rounded, where a last bit may become a whole step, a mean nll within
  // engine_tolerance().
  bool engines_agree() const;
};

// Random numbers are drawn by the seed and the token ids: the same document under another file name
// gives the same result. Throws Error for a request that cannot be served. A budget of the
// document's length or more is served: it must give what dense gives, bit for bit.
ScoreResult score_document(const ScoreRequest& request, PluginHost& host,
                           const RunControl& control);

// Token ids out of `json_text`, an array of whole numbers; throws Error, naming `file`, for other
// text.
std::vector<std::int64_t> parse_ids(const std::string& json_text, const std::string& file);

// The token ids in `ids_file`, or where that is empty those of the text in `text_file`, encoded by
// the tokenizer of the model in `files` without special tokens. Throws Error for a file that cannot
// be read or is empty.
std::vector<std::int64_t> read_ids(const std::string& ids_file, const std::string& text_file,
                                   const ModelFiles& files);

// The object `pressroom score --json` prints.
nlohmann::ordered_json to_json(const ScoreResult& result);

}  // namespace pressroom
