// A folder that a training of kvzap's scorers was killed in, or that is not its own.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <atomic>

#include "campaign/directory.h"
#include "pressroom/error.h"
#include "stream_test_support.h"
#include "train/kvzap/kvzap_checkpoint.h"
#include "train/kvzap/kvzap_rows.h"
#include "train_kvzap_test_support.h"

namespace pressroom::train_kvzap_restart_test {
namespace {

namespace fs = std::filesystem;

class KvzapRestart : public TrainKvzapTest {
 protected:
  KvzapRestart() { options_.kinds = {KvzapKind::kLinear, KvzapKind::kMlp}; }

  fs::path rows() const { return options_.out / "kvzap-rows"; }
  fs::path weights(const std::string& kind) const {
    return options_.out / ("kvzap-" + kind) / "model.safetensors";
  }

  // What a training leaves that is killed while it has rows.
  void leave_rows() const {
    fs::create_directories(options_.out);
    const fs::path elsewhere = scratch_.path() / "left";
    {
      KvzapRows left(rows(), 2, 6, 2, 10);
      left.finish();
      fs::copy(rows(), elsewhere);
    }
    fs::rename(elsewhere, rows());
    write_file(rows() / "kvzap-linear" / "model.safetensors", "half");
  }
};

TEST_F(KvzapRestart, BeginsAnewWhereverATrainingWasKilled) {
  train();
  const std::string linear = read_file(weights("linear")), mlp = read_file(weights("mlp"));
  const std::function<void()> leaves[] = {
      [&] { fs::create_directories(options_.out); },
      [&] { write_file(options_.out / ".lock", ""); },
      [&] { fs::create_directories(rows()); },
      [&] { write_file(rows() / "UNFINISHED.partial", "Ro"); },
      [&] { leave_rows(); },
      [&] {  // while it was removing them
        leave_rows();
        fs::remove(rows() / "layer-0.inputs");
      },
  };
  for (const auto& leave : leaves) {
    fs::remove_all(options_.out);
    leave();
    EXPECT_EQ(train().size(), 2U);
    EXPECT_EQ(read_file(weights("linear")), linear);
    EXPECT_EQ(read_file(weights("mlp")), mlp);
    EXPECT_FALSE(fs::exists(rows()));
  }
}

TEST_F(KvzapRestart, SaysThatItBeginsAnew) {
  leave_rows();
  std::string said;
  PluginHost host({plugin_dir()});
  TrainKvzapControl control;
  control.on_line = [&](const std::string& line) { said += line + "\n"; };
  train_kvzap(options_, host, control);
  EXPECT_TRUE(has(said, "a training was killed here")) << said;
}

TEST_F(KvzapRestart, UsesWhatTheSameCommandHasFinished) {
  const std::vector<KvzapResult> first = train();
  const std::string mlp = read_file(weights("mlp"));
  write_file(weights("linear"), "as it was");  // were it made again, it would not stay
  fs::remove_all(weights("mlp").parent_path());
  leave_rows();
  const std::vector<KvzapResult> second = train();
  EXPECT_EQ(read_file(weights("linear")), "as it was");
  EXPECT_EQ(read_file(weights("mlp")), mlp);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(first[i].mean_r2, second[i].mean_r2);

  leave_rows();  // killed when all was done but removing them
  write_file(weights("mlp"), "as it was");
  EXPECT_EQ(train()[1].mean_r2, first[1].mean_r2);
  EXPECT_EQ(read_file(weights("mlp")), "as it was");
  EXPECT_FALSE(fs::exists(rows()));
}

TEST_F(KvzapRestart, RefusesWhatAnotherCommandHasMade) {
  train();
  const std::string linear = read_file(weights("linear"));
  ++options_.seed;
  const Problem problem = problem_of([&] { train(); });
  EXPECT_TRUE(has(problem.what, "a checkpoint already")) << problem.text();
  EXPECT_EQ(read_file(weights("linear")), linear);
}

TEST_F(KvzapRestart, DoesNotTouchAFolderItHasNotMade) {
  for (const std::string file :
       {"kvzap-rows/mine.txt", "kvzap-rows/UNFINISHED", "kvzap-rows/layer-0.inputs",
        "kvzap-linear/config.json", "kvzap-linear/model.safetensors", "kvzap-mlp"}) {
    write_file(options_.out / file, "mine");
    const Problem problem = problem_of([&] { train(); });
    EXPECT_TRUE(has(problem.where, file.substr(0, file.find('/')))) << problem.text();
    EXPECT_EQ(read_file(options_.out / file), "mine");
    fs::remove_all(options_.out);
  }
  write_file(scratch_.path() / "mine" / "UNFINISHED", "mine");
  fs::create_directories(options_.out);
  fs::create_directory_symlink(scratch_.path() / "mine", rows());
  EXPECT_TRUE(has(problem_of([&] { train(); }).what, "training rows already"));
  EXPECT_EQ(read_file(scratch_.path() / "mine" / "UNFINISHED"), "mine");
}

TEST_F(KvzapRestart, KeepsRowsThatAreWholeAndNoOthers) {
  options_.keep_data = true;
  int asked = 0;
  EXPECT_THROW(train([&] { return ++asked > 10; }), Interrupted);  // while it reads
  EXPECT_FALSE(fs::exists(rows()));
  train();
  EXPECT_TRUE(fs::exists(rows() / "layer-0.inputs"));
  EXPECT_FALSE(fs::exists(rows() / "UNFINISHED"));
  fs::remove_all(weights("mlp").parent_path());
  const Problem problem = problem_of([&] { train(); });
  EXPECT_TRUE(has(problem.what, "training rows already")) << problem.text();
}

TEST_F(KvzapRestart, KeepsWholeRowsWhenTheFitIsStopped) {
  options_.keep_data = true;
  EXPECT_THROW(train([&] {
                 return fs::exists(rows() / "layer-0.inputs") && !fs::exists(rows() / "UNFINISHED");
               }),
               Interrupted);
  EXPECT_TRUE(fs::exists(rows() / "layer-1.targets"));
  EXPECT_FALSE(fs::exists(rows() / "UNFINISHED"));
}

TEST_F(KvzapRestart, SaysThatKeepDataLeavesNothingOfWhatIsThereAlready) {
  train();
  options_.keep_data = true;
  std::string said;
  PluginHost host({plugin_dir()});
  TrainKvzapControl control;
  control.on_line = [&](const std::string& line) { said += line + "\n"; };
  train_kvzap(options_, host, control);
  EXPECT_TRUE(has(said, "--keep-data leaves no rows")) << said;
  EXPECT_FALSE(fs::exists(rows()));
}

TEST_F(KvzapRestart, RemovesNoRowsOfAFolderThatTookThePlace) {
  const fs::path elsewhere = scratch_.path() / "elsewhere";
  fs::create_directories(options_.out);
  {
    KvzapRows moved(rows(), 2, 6, 2, 10);
    moved.finish();
    fs::rename(options_.out, elsewhere);
    fs::copy(elsewhere, options_.out, fs::copy_options::recursive);
  }
  EXPECT_TRUE(fs::exists(rows() / "layer-0.inputs"));
  EXPECT_TRUE(fs::exists(rows() / "UNFINISHED"));
  EXPECT_TRUE(fs::exists(elsewhere / "kvzap-rows" / "UNFINISHED"));
}

TEST_F(KvzapRestart, EndsBeforeTheFitWhenAnotherFolderTookThePlace) {
  const fs::path elsewhere = scratch_.path() / "elsewhere";
  std::atomic<bool> is_taken{false};
  const Problem problem = problem_of([&] {
    train([&] {
      if (fs::exists(rows()) && !is_taken.exchange(true)) {
        fs::rename(options_.out, elsewhere);
        fs::copy(elsewhere, options_.out, fs::copy_options::recursive);
      }
      return false;
    });
  });
  EXPECT_EQ(problem.what, "the output directory was taken away while the run went on");
  EXPECT_TRUE(fs::exists(rows() / "UNFINISHED"));
  EXPECT_FALSE(fs::exists(rows() / "kvzap-linear"));
}

TEST_F(KvzapRestart, RemovesNoRowsWithoutTheirMark) {
  fs::create_directories(options_.out);
  {
    KvzapRows marked(rows(), 2, 6, 2, 10);
    marked.finish();
    write_file(rows() / "UNFINISHED", "mine");
  }
  EXPECT_TRUE(fs::exists(rows() / "layer-0.inputs"));
}

TEST_F(KvzapRestart, MissesAFileOfACheckpoint) {
  options_.kinds = {KvzapKind::kLinear};
  train();
  for (const char* name : {"config.json", "model.safetensors"}) {
    const fs::path file = options_.out / "kvzap-linear" / name;
    fs::rename(file, scratch_.path() / "away");
    const Problem problem = problem_of([&] { train(); });
    EXPECT_EQ(problem.what, "a file of the checkpoint is missing");
    EXPECT_EQ(problem.where, file.string());
    fs::rename(scratch_.path() / "away", file);
  }
  train();
}

TEST_F(KvzapRestart, LeavesACheckpointBesideThePlaceThatIsTaken) {
  KvzapCheckpoint checkpoint;
  checkpoint.modules.resize(1);
  checkpoint.modules[0].weight = at::ones({1, 2});
  checkpoint.modules[0].bias = at::ones({1});
  checkpoint.recipe = "the recipe";
  const fs::path place = options_.out / "kvzap-linear", draft = options_.out / "draft";
  write_file(place / "mine.txt", "mine");
  for (const std::string end : {".new", ".new-2"}) {
    const Problem problem = problem_of([&] { write_kvzap_checkpoint(checkpoint, draft, place); });
    EXPECT_EQ(problem.what, "the checkpoint cannot be put into its place");
    EXPECT_TRUE(has(problem.fix, place.string() + end + ",")) << problem.text();
    EXPECT_TRUE(holds_kvzap_checkpoint(place.string() + end, "the recipe"));
    EXPECT_FALSE(fs::exists(draft));
  }
  EXPECT_EQ(read_file(place / "mine.txt"), "mine");
}

TEST_F(KvzapRestart, TakesTheCurrentFolderForAModelFileInIt) {
  ModelFiles files;
  files.root = files.config = "model.gguf";
  EXPECT_EQ(kvzap_folder_of(files), ".");
  files.root = files.config = "models/model.gguf";
  EXPECT_EQ(kvzap_folder_of(files), "models");
  files.config = "models/config.json";
  files.root = "models";
  EXPECT_EQ(kvzap_folder_of(files), "models");
}

TEST_F(KvzapRestart, RefusesAFolderThatAnotherTrainingWritesTo) {
  const DirectoryLock other(options_.out);
  leave_rows();
  const Problem problem = problem_of([&] { train(); });
  EXPECT_TRUE(has(problem.what, "another training is using the output directory"))
      << problem.text();
  EXPECT_EQ(problem.where, options_.out.string());
  EXPECT_EQ(read_file(rows() / "kvzap-linear" / "model.safetensors"), "half");
}

}  // namespace
}  // namespace pressroom::train_kvzap_restart_test
