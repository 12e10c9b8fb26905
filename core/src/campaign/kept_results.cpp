#include "campaign/kept_results.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/sha256.h"
#include "campaign/extend_directory.h"
#include "results/history.h"
#include "results/stored_answers.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Where the traces and answers of a result lie that was found in `file`: an extension may have put
// it aside since.
fs::path place_now(const fs::path& file, const fs::path& directory) {
  std::error_code ignored;
  const std::vector<fs::path> past = past_folders(directory);
  if (fs::exists(file, ignored) || past.empty()) return file;
  return past.back() / file.lexically_relative(fs::absolute(directory));
}

void restore_parts(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());  // of a dataset that has none yet
  for (const fs::path& part : parts_beside(from)) {
    // <cell>.<window>.trace, <cell>.answers.json
    const std::string ending = part.stem().extension().string() + part.extension().string();
    link_over(part, to.parent_path() / (to.stem().string() + ending));
  }
}

}  // namespace

void restore_results(std::vector<Job>& jobs, CampaignDirectory& directory, LeaseFolder& leases) {
  for (Job& job : jobs) {
    if (job.stored_at.empty()) continue;
    const fs::path from = std::exchange(job.stored_at, {});
    const Cell& cell = job.planned->cell;
    std::optional<Lease> lease = leases.claim(lease_of(job));
    if (!lease || directory.load_cell(cell, job.folder, job.content_key)) {
      // It is in the hands of another process, or there: CellLoop looks.
      job.stored.reset();
      if (lease) lease->release();
      continue;
    }
    // Before the cell is stored, which may be in that very place.
    const fs::path now = place_now(from, directory.path());
    const fs::path place = directory.cell_file(cell, job.folder);
    // A cell of the plan may be the same under another name: its traces and answers stay with it.
    // They come first: of a result that is there, nobody would look for them again.
    if (now != fs::absolute(place)) restore_parts(now, place);
    job.stored->cell = cell;
    directory.store_cell(*job.stored, job.folder, job.made_from);
    lease->release();
    directory.log_event(
        {{"event", "cell kept"}, {"cell", cell.file_stem()}, {"dataset", cell.dataset}},
        Sync::kLater);
  }
}

void copy_results(const ResultsByKey& others, std::vector<Job>& jobs, CampaignDirectory& directory,
                  LeaseFolder& leases) {
  for (Job& job : jobs) {
    if (job.stored) continue;
    std::optional<FoundResult> found = others.find(job.content_key);
    if (!found) continue;
    std::optional<Lease> lease = leases.claim(lease_of(job));
    if (!lease) continue;  // another process runs it already
    CellResult& result = found->result;
    result.cell = job.planned->cell;  // labels are this campaign's
    result.copied_from = found->file.string();
    result.copied_sha256 = sha256_file(found->file);
    result.answers =
        read_answers(found->file, job.content_key).value_or(std::vector<DocumentAnswers>());
    directory.store_cell(result, job.folder, job.made_from);
    lease->release();
    directory.log_event({{"event", "cell copied"},
                         {"cell", result.cell.file_stem()},
                         {"dataset", result.cell.dataset},
                         {"from", result.copied_from}},
                        Sync::kLater);
    job.stored = std::move(result);
  }
}

}  // namespace pressroom
