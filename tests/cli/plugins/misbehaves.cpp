// Keeps the newest entries, and in one layer does something that ends its process, or lasts for
// ever, or takes what belongs to the harness.
#include <ATen/ATen.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pressroom/plugin.h"

namespace {

// What the optimiser must not see through.
volatile int* const kNowhere = nullptr;
volatile std::uint64_t sink = 0;

std::uint64_t overflow_the_stack(std::uint64_t depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return overflow_the_stack(depth + 1) + static_cast<std::uint64_t>(frame[0]);
}

void loop() {
  for (;;) sink = sink + 1;
}

void allocate() {
  std::vector<char*> held;
  constexpr std::size_t kBytes = std::size_t{16} << 20;
  for (;;) {
    char* const block = static_cast<char*>(std::malloc(kBytes));
    if (block == nullptr) std::abort();
    std::memset(block, 1, kBytes);
    held.push_back(block);
  }
}

void flood() {
  const std::string line(1 << 16, 'x');
  for (int i = 0; i < 16384; ++i) std::cout << line;
  std::cout << std::endl;
}

const std::map<std::string, std::function<void()>>& deeds() {
  static const std::map<std::string, std::function<void()>> deeds = {
      {"nothing", [] {}},
      {"segfault", [] { *kNowhere = 1; }},
      {"abort", [] { std::abort(); }},
      {"exit", [] { std::exit(3); }},
      {"loop", loop},
      {"stack", [] { sink = overflow_the_stack(0); }},
      {"allocate", allocate},
      {"throw", [] { throw 42; }},
      {"flood", flood},
      {"print", [] { std::cerr << "a word from the plugin\n"; }},
      {"close_stdout", [] { ::close(STDOUT_FILENO); }},
      {"locale", [] { std::setlocale(LC_ALL, "C.UTF-8"); }},
      {"handler", [] { std::signal(SIGTERM, [](int) {}); }},
      {"kill", [] { ::raise(SIGKILL); }},
      {"thread",
       [] {
         std::thread([] {
           std::this_thread::sleep_for(std::chrono::seconds(2));
           *kNowhere = 1;
         }).detach();
       }},
  };
  return deeds;
}

class MisbehavingPolicy : public pressroom::Policy {
 public:
  MisbehavingPolicy(std::string deed, std::int64_t layer) : deed_(std::move(deed)), layer_(layer) {}

  at::Tensor birth_scores(const pressroom::EntriesView& entries) override {
    // One thread at a time: what two do at once, exit() for one, has no defined end.
    static std::mutex one_at_a_time;
    if (layer_ == 1) {
      const std::lock_guard<std::mutex> lock(one_at_a_time);
      deeds().at(deed_)();
    }
    const at::Tensor scores = entries.positions().to(at::kFloat);
    return scores.expand({entries.keys().size(0), entries.size()});
  }

 private:
  std::string deed_;
  std::int64_t layer_;
};

class Misbehaves : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    std::vector<std::string> names;
    for (const auto& [name, deed] : deeds()) names.push_back(name);
    return {"keeps the newest entries, and does something else as well",
            "",
            {pressroom::string("deed", "nothing", "what it does").one_of(names)}};
  }
  void configure(const pressroom::Parameters& parameters) override {
    deed_ = parameters.string("deed");
  }
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kBirthScore;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(
      const pressroom::PolicyContext& context) const override {
    return std::make_unique<MisbehavingPolicy>(deed_, context.layer);
  }

 private:
  std::string deed_;
};

}  // namespace

PRESSROOM_METHOD(Misbehaves, "misbehaves", "1.0.0")
