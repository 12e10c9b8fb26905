// A folder that a training of kvzap's scorers was killed in, or that is not its own.
#include <gtest/gtest.h>

#include "campaign/directory_lock.h"
#include "pressroom/error.h"
#include "stream_test_support.h"
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
  EXPECT_THROW(train([&] { return ++asked > 30; }), Interrupted);
  EXPECT_FALSE(fs::exists(rows()));
  train();
  EXPECT_TRUE(fs::exists(rows() / "layer-0.inputs"));
  EXPECT_FALSE(fs::exists(rows() / "UNFINISHED"));
  fs::remove_all(weights("mlp").parent_path());
  const Problem problem = problem_of([&] { train(); });
  EXPECT_TRUE(has(problem.what, "training rows already")) << problem.text();
}

TEST_F(KvzapRestart, RefusesAFolderThatAnotherTrainingWritesTo) {
  const DirectoryLock other(options_.out);
  leave_rows();
  const Problem problem = problem_of([&] { train(); });
  EXPECT_TRUE(has(problem.what, "another run is using the output directory")) << problem.text();
  EXPECT_EQ(problem.where, options_.out.string());
  EXPECT_EQ(read_file(rows() / "kvzap-linear" / "model.safetensors"), "half");
}

}  // namespace
}  // namespace pressroom::train_kvzap_restart_test
