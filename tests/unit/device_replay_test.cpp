// Replay on another device than the CPU, and the same code run on the CPU where there is none.
#include <ATen/ATen.h>

#include "engine/attention/sequential_kernel.h"
#include "model/model.h"
#include "stream_test_support.h"

namespace pressroom::device_replay_test {
namespace {

constexpr double kMostNllDifference = 1e-4;

// Every way through a layer.
std::vector<NamedMethod> methods() {
  std::vector<NamedMethod> all;
  for (const char* name : {"dense", "h2o", "knorm", "random", "streaming_llm"}) {
    all.push_back({name, plugin_method(name)});
  }
  all.push_back({"mean attention", signal_method(Signal::kMeanAttention, 3, 1)});
  all.push_back({"last query, lazy", signal_method(Signal::kLastQueryAttention, 1, 5)});
  auto demand = std::make_shared<TestMethod>(Ranking::kScore);
  demand->eviction_plan.needs.query_window = 3;
  demand->eviction_plan.needs.output_projection = true;
  demand->on_score = [](const PolicyContext&, const HeadView& head) {
    const at::Tensor values = head.values();
    const at::Tensor written = head.output_projection().narrow(1, 0, values.size(1));
    const at::Tensor read = at::matmul(values, written.t());
    return at::matmul(head.keys(), head.queries().mean(at::IntArrayRef{0, 1})) + read.norm(2, -1);
  };
  all.push_back({"on demand", demand});
  return all;
}

std::vector<TokenDocument> documents_for(const TinyShape& shape) {
  return {{"long", random_ids(110, shape, RandomKey(1))},
          {"short", random_ids(37, shape, RandomKey(2))}};
}

Protocol chunked() {
  Protocol protocol;
  protocol.kind = ProtocolKind::kChunked;
  protocol.chunk_size = 8;
  return protocol;
}

// Runs of `settings` on `model` against runs of the host's code on `host`.
void expect_answer_of_host(const Model& model, const Model& host, RunSettings settings,
                           const Method& method, const std::vector<TokenDocument>& documents) {
  const auto runs = replay_documents(model, method, settings, documents, RunControl());
  settings.kernel = nullptr;
  const auto expected = replay_documents(host, method, settings, documents, RunControl());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    EXPECT_LE(largest_difference(runs[i].nll_nats, expected[i].nll_nats), kMostNllDifference);
    EXPECT_EQ(runs[i].kept, expected[i].kept);
    EXPECT_EQ(runs[i].entries_per_step, expected[i].entries_per_step);
    ASSERT_EQ(runs[i].evictions.size(), expected[i].evictions.size());
    for (std::size_t layer = 0; layer < expected[i].evictions.size(); ++layer) {
      for (std::size_t head = 0; head < expected[i].evictions[layer].size(); ++head) {
        EXPECT_EQ(runs[i].evictions[layer][head].evicted_after,
                  expected[i].evictions[layer][head].evicted_after);
      }
    }
  }
}

void expect_answers_of_host(const Model& model, const Model& host, const SequentialKernel* kernel,
                            const std::vector<TokenDocument>& documents) {
  for (const NamedMethod& named : methods()) {
    for (const std::int64_t budget : {9, 40, 110}) {
      for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
        for (const Protocol& protocol : {Protocol(), chunked()}) {
          SCOPED_TRACE(named.name + ", budget " + std::to_string(budget) + ", " +
                       to_string(positions) + ", " + protocol.text());
          RunSettings settings = settings_of(*named.method, budget, positions);
          settings.protocol = protocol;
          settings.threads = 2;
          settings.kernel = kernel;
          expect_answer_of_host(model, host, settings, *named.method, documents);
        }
      }
    }
  }
}

// The device's code needs nothing but tensors, so it can be held to the host's without a device.
TEST(DeviceReplay, GivesTheAnswerOfTheHostOnTensorsOfTheHost) {
  TinyShape shape;
  shape.query_heads = 6;
  shape.head_dim = 8;
  shape.hidden_size = 32;
  const TinyModel tiny(shape, RandomKey(3));
  expect_answers_of_host(tiny.model(), tiny.model(), &portable_kernel(), documents_for(shape));
}

TEST(DeviceReplay, GivesTheAnswerOfTheHostOnAGpu) {
  const TinyModel tiny(TinyShape(), RandomKey(4));
  for (const WeightDtype dtype : {WeightDtype::kFloat32, WeightDtype::kBfloat16}) {
    LoadOptions options;
    options.dtype = dtype;
    options.device = "cuda";
    try {
      device_named(options.device);
    } catch (const Error&) {
      GTEST_SKIP() << "NOT TESTED: replay on a GPU: none that this libtorch can use";
    }
    const auto model = Model::load(model_in(tiny.directory()), options);
    EXPECT_FALSE(model->device().is_cpu());
    expect_answers_of_host(*model, tiny.model(), nullptr, documents_for(TinyShape()));
  }
}

TEST(DeviceNames, NameTheCpuAndRefuseWhatIsNoDevice) {
  EXPECT_EQ(device_named("cpu"), at::Device(at::kCPU));
  for (const char* name : {"", "tpu", "cuda:", "cuda:x", "cuda0", "cuda:-1", "cuda:100", "CUDA"}) {
    const Problem problem = problem_of([&] { device_named(name); });
    EXPECT_EQ(problem.what, "there is no such device") << name;
    EXPECT_EQ(problem.got, name);
  }
}

// Model files that are not there would be refused too; the device comes first.
TEST(DeviceNames, RefuseADeviceThatIsNotThereBeforeAnythingIsRead) {
  LoadOptions options;
  options.device = "cuda:99";
  const Problem problem = problem_of([&] { Model::load(ModelFiles(), options); });
  EXPECT_EQ(problem.what, "the device is not there");
  EXPECT_EQ(problem.where, "device cuda:99");
}

}  // namespace
}  // namespace pressroom::device_replay_test
