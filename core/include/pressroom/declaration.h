// A plugin's parameters, each said once: its name, default, range, help and aliases, the field of
// the class that receives it, and - for methods - the place of the plan that it sets.
//
//   struct SnapKv final : Scorer<SnapKv> {
//     std::int64_t window_size = 0;
//     std::int64_t kernel_size = 0;
//
//     static Declaration<SnapKv> declare() {
//       return Declaration<SnapKv>("keeps what a window of recent queries attends to")
//           .paper("Li et al., SnapKV, NeurIPS 2024, arXiv 2404.14469")
//           .parameter(&SnapKv::window_size, integer("window_size", 64, "...").at_least(1))
//           .parameter(&SnapKv::kernel_size, integer("kernel_size", 5, "...").at_least(1))
//           .recents(&SnapKv::window_size)
//           .query_window(&SnapKv::window_size);
//     }
//     ...
//
// `Declared<T, Base>` turns that into Plugin::describe and Plugin::configure, for plugins of every
// kind; the bases of methods are in declared_method.h. What a declaration has no word for is said
// by `planned`, or by overriding `configure` or `plan` as usual and beginning with the base's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "pressroom/method.h"
#include "pressroom/parameters.h"
#include "pressroom/plugin_base.h"
#include "pressroom/standard_parameters.h"

namespace pressroom {

// `Self`: the plugin. Fields may also be those of a base class of it. Built once for each class.
template <typename Self>
class Declaration {
 public:
  // `summary`: one line, what `pressroom list` prints.
  explicit Declaration(std::string summary) { info_.summary = std::move(summary); }

  // Author, venue, identifier.
  Declaration& paper(std::string citation) {
    info_.paper = std::move(citation);
    return *this;
  }

  // A parameter and the field that receives its value. `spec` is of the field's type: bool,
  // std::int64_t, double, std::string (kString, kPath), TokensOrFraction, Share, InnerMethod, or a
  // vector.
  template <typename Field, typename Owner>
  Declaration& parameter(Field Owner::*field, ParameterSpec spec) {
    assignments_.push_back([field, name = spec.name](Self& self, const Parameters& parameters) {
      assign(self.*field, parameters, name);
    });
    info_.parameters.push_back(std::move(spec));
    return *this;
  }

  // The parameters of a field that has a declaration of its own, `static Declaration<Part>
  // declare()`, and configures itself: what several plugins share.
  template <typename Part, typename Owner>
  Declaration& part(Part Owner::*field) {
    const Declaration<Part> declared = Part::declare();
    for (const ParameterSpec& spec : declared.info().parameters) info_.parameters.push_back(spec);
    assignments_.push_back(
        [field](Self& self, const Parameters& parameters) { (self.*field).configure(parameters); });
    return *this;
  }

  // What a wrapper wraps: the parameter that Wrapper::configure takes.
  Declaration& inner(const std::string& help) {
    info_.parameters.push_back(inner_method("inner", help));
    return *this;
  }

  // A wrapper that acts on one layer refuses inner methods that couple layers or have them share
  // their entries, for the reason `why`.
  Declaration& refuses_coupled_layers(const std::string& why) {
    return planned(
        [why](const Self& self, EvictionPlan& plan) { self.refuse_coupled_layers(plan, why); });
  }

  // The first `n_sink` tokens of a document never leave: the parameter, with the spellings in use,
  // and EvictionPlan::sinks. `name`: what the paper calls it.
  template <typename Owner>
  Declaration& sinks(std::int64_t Owner::*field, std::int64_t default_value,
                     const std::string& help = kSinksHelp, const std::string& name = "n_sink") {
    parameter(field, sinks_parameter(default_value, help, name));
    return planned([field](const Self& self, EvictionPlan& plan) {
      plan.sinks = std::max(plan.sinks, self.*field);
    });
  }

  // The last `recent` entries never leave: the parameter and EvictionPlan::recents. A fraction is
  // one of the budget.
  template <typename Owner>
  Declaration& recents(TokensOrFraction Owner::*field, double default_value) {
    parameter(field, recents_parameter(default_value));
    return planned([field](const Self& self, std::int64_t budget_tokens, EvictionPlan& plan) {
      plan.recents = std::max(plan.recents, (self.*field).tokens(budget_tokens));
      plan.sized_by_budget = plan.sized_by_budget || (self.*field).is_fraction();
    });
  }

  // The same two by a parameter that is declared by another name, a window for instance.
  template <typename Owner>
  Declaration& sinks(std::int64_t Owner::*field) {
    return planned([field](const Self& self, EvictionPlan& plan) {
      plan.sinks = std::max(plan.sinks, self.*field);
    });
  }
  template <typename Owner>
  Declaration& recents(std::int64_t Owner::*field) {
    return planned([field](const Self& self, EvictionPlan& plan) {
      plan.recents = std::max(plan.recents, self.*field);
    });
  }
  // Just so many, whatever the method inside a wrapper protects.
  Declaration& recents(std::int64_t entries) {
    return planned([entries](const Self&, EvictionPlan& plan) { plan.recents = entries; });
  }

  // An observation window: the last so many queries are kept for HeadView::queries
  // (Needs::query_window), and their entries never leave.
  template <typename Owner>
  Declaration& window(std::int64_t Owner::*field) {
    return recents(field).query_window(field);
  }

  // The last so many queries are kept, without a word about their entries.
  template <typename Owner>
  Declaration& query_window(std::int64_t Owner::*field) {
    return planned([field](const Self& self, EvictionPlan& plan) {
      plan.needs.query_window = std::max(plan.needs.query_window, self.*field);
    });
  }

  Declaration& query_window(std::int64_t queries) {
    return planned([queries](const Self&, EvictionPlan& plan) {
      plan.needs.query_window = std::max(plan.needs.query_window, queries);
    });
  }

  // Evicts at every so-manieth step only.
  template <typename Owner>
  Declaration& interval(std::int64_t Owner::*field) {
    return planned([field](const Self& self, EvictionPlan& plan) { plan.interval = self.*field; });
  }

  // Which heads hold the same entries: the parameter `share` and EvictionPlan::share.
  template <typename Owner>
  Declaration& share(Share Owner::*field, Share default_value = Share::kKvHead) {
    parameter(field, share_parameter(default_value));
    return planned([field](const Self& self, EvictionPlan& plan) { set_share(plan, self.*field); });
  }

  // `compat`, one of none and kvpress: whether to do what kvpress does where it does otherwise, in
  // the words of `help`.
  template <typename Owner>
  Declaration& kvpress_compat(bool Owner::*field, const std::string& help) {
    info_.parameters.push_back(string("compat", "none", help).one_of({"none", "kvpress"}));
    assignments_.push_back([field](Self& self, const Parameters& parameters) {
      self.*field = parameters.string("compat") == "kvpress";
    });
    return *this;
  }

  // What holds whatever the parameters: a statistic of attention, something of Needs
  // (`&Needs::keys_before_rope`), where positions come from, what the budget is counted over.
  Declaration& signal(Signal statistic) {
    return planned([statistic](const Self&, EvictionPlan& plan) { plan.signal = statistic; });
  }
  Declaration& needs(bool Needs::*what) {
    return planned([what](const Self&, EvictionPlan& plan) { plan.needs.*what = true; });
  }
  // One head's decision looks at another: the policy has score_layer or keep_layer.
  Declaration& couples_heads() {
    return planned([](const Self&, EvictionPlan& plan) { plan.couples_heads = true; });
  }
  Declaration& positions(Positions positions) {
    return planned([positions](const Self&, EvictionPlan& plan) { plan.positions = positions; });
  }
  Declaration& scope(BudgetScope scope) {
    return planned([scope](const Self&, EvictionPlan& plan) { plan.scope = scope; });
  }

  // What no word says, by the values of the configured `self`: `refine` is called for the plan at
  // its place among the words, and may throw Error, as Method::plan.
  //
  //   .planned([](const Random& self, EvictionPlan& plan) {
  //     if (self.redraw) plan.ranking = Ranking::kScore;
  //   })
  Declaration& planned(std::function<void(const Self& self, EvictionPlan& plan)> refine) {
    return planned([refine = std::move(refine)](const Self& self, std::int64_t,
                                                EvictionPlan& plan) { refine(self, plan); });
  }
  // The same by the budget as well.
  Declaration& planned(
      std::function<void(const Self& self, std::int64_t budget_tokens, EvictionPlan& plan)>
          refine) {
    static_assert(std::is_base_of_v<Method, Self>, "only methods have an EvictionPlan");
    plans_.push_back(std::move(refine));
    return *this;
  }

  const PluginInfo& info() const { return info_; }

  // Puts every value into its field.
  void configure(Self& self, const Parameters& parameters) const {
    for (const auto& assignment : assignments_) assignment(self, parameters);
  }

  // Puts what the configured `self` asks for into `plan`. Around another method's plan, sinks,
  // recents and the query window become no smaller, needs are added, and the rest is replaced.
  void plan(const Self& self, std::int64_t budget_tokens, EvictionPlan& plan) const {
    for (const auto& refine : plans_) refine(self, budget_tokens, plan);
  }

 private:
  PluginInfo info_;
  std::vector<std::function<void(Self&, const Parameters&)>> assignments_;
  std::vector<std::function<void(const Self&, std::int64_t budget_tokens, EvictionPlan&)>> plans_;
};

// A plugin of the kind `Base` - Method, Wrapper, DatasetReader, Metric - that is described and
// configured by its `static Declaration<Self> declare()`.
template <typename Self, typename Base>
class Declared : public Base {
 public:
  PluginInfo describe() const override { return declaration().info(); }

  void configure(const Parameters& parameters) override {
    Base::configure(parameters);
    declaration().configure(static_cast<Self&>(*this), parameters);
  }

 protected:
  static const Declaration<Self>& declaration() {
    static const Declaration<Self> declaration = Self::declare();
    return declaration;
  }
};

}  // namespace pressroom
