#include "report/pivot/pivot_places.h"

#include <algorithm>

#include "base/number_text.h"
#include "results/campaign_labels.h"

namespace pressroom {
namespace {

constexpr const char* kMeanHead = "mean";

// The baseline, then methods without a group, then group by group as they first appear.
std::vector<std::string> by_group(const std::vector<std::string>& methods,
                                  const PivotValues& values) {
  std::vector<std::string> order = {""};
  for (const std::string& method : methods) {
    const std::string group = group_of(values.groups, method);
    if (std::find(order.begin(), order.end(), group) == order.end()) order.push_back(group);
  }
  std::vector<std::string> sorted = {methods.front()};
  for (const std::string& group : order) {
    for (std::size_t i = 1; i < methods.size(); ++i) {
      if (group_of(values.groups, methods[i]) == group) sorted.push_back(methods[i]);
    }
  }
  return sorted;
}

std::vector<PivotPlace> spread(const PivotPlace& place, PivotAxis axis, const PivotValues& values) {
  std::vector<PivotPlace> places;
  const auto add = [&](auto member, const auto& all) {
    for (const auto& value : all) {
      places.push_back(place);
      places.back().*member = value;
    }
  };
  switch (axis) {
    case PivotAxis::kMethod:
      add(&PivotPlace::method, values.methods);
      break;
    case PivotAxis::kAmount:
      add(&PivotPlace::amount, values.amounts);
      break;
    case PivotAxis::kContext:
      add(&PivotPlace::context, values.contexts);
      break;
    case PivotAxis::kDataset:
      add(&PivotPlace::dataset, values.datasets);
      if (values.datasets.size() < 2) break;
      places.push_back(place);
      places.back().mean = true;
      break;
  }
  return places;
}

template <typename Value>
void fill(std::optional<Value>& value, const std::optional<Value>& other,
          const std::vector<Value>& all) {
  if (!value) value = other;
  if (!value && !all.empty()) value = all.front();
}

}  // namespace

std::vector<PivotAxis> PivotValues::several() const {
  std::vector<PivotAxis> axes;
  if (contexts.size() > 1) axes.push_back(PivotAxis::kContext);
  if (datasets.size() > 1) axes.push_back(PivotAxis::kDataset);
  if (amounts.size() > 1) axes.push_back(PivotAxis::kAmount);
  if (methods.size() > 1) axes.push_back(PivotAxis::kMethod);
  return axes;
}

PivotValues pivot_values(const std::vector<FigureRow>& rows, const std::string& baseline,
                         const std::map<std::string, std::string>& groups) {
  PivotValues values;
  values.baseline = baseline;
  values.amounts = amounts_of(rows, baseline);
  // A campaign of the baseline alone has its amount.
  if (values.amounts.empty() && !rows.empty()) values.amounts = {rows.front().group.amount()};
  values.amount = amount_name(rows);
  values.by_budget = !rows.empty() && rows.front().group.by_budget;
  values.datasets = datasets_of(rows);
  for (const FigureRow& row : rows) values.contexts.push_back(row.group.context_tokens);
  std::sort(values.contexts.begin(), values.contexts.end());
  values.contexts.erase(std::unique(values.contexts.begin(), values.contexts.end()),
                        values.contexts.end());
  values.methods = methods_of(rows, baseline);
  for (const std::string& method : values.methods) {
    const auto group = groups.find(method);
    // The baseline stands by itself at the top.
    if (method != baseline && group != groups.end() && !group->second.empty()) {
      values.groups.insert(*group);
    }
  }
  values.methods = by_group(values.methods, values);
  return values;
}

std::vector<PivotPlace> places_of(const std::vector<PivotAxis>& axes, const PivotValues& values) {
  std::vector<PivotPlace> places = {PivotPlace()};
  for (const PivotAxis axis : axes) {
    std::vector<PivotPlace> finer;
    for (const PivotPlace& place : places) {
      for (PivotPlace& one : spread(place, axis, values)) finer.push_back(std::move(one));
    }
    places = std::move(finer);
  }
  return places;
}

PivotPlace crossed(const PivotPlace& row, const PivotPlace& column, const PivotValues& values) {
  PivotPlace place = row;
  place.mean = row.mean || column.mean;
  fill(place.method, column.method, values.methods);
  fill(place.amount, column.amount, values.amounts);
  fill(place.context, column.context, values.contexts);
  if (!place.mean) fill(place.dataset, column.dataset, values.datasets);
  return place;
}

const FigureRow* row_at(const std::vector<FigureRow>& rows, const PivotPlace& place,
                        const PivotValues& values) {
  const FigureRow* at_amount = nullptr;
  for (const FigureRow& row : rows) {
    const CellGroup& group = row.group;
    if (group.dataset != place.dataset || group.context_tokens != place.context) continue;
    if (group.method == place.method && group.amount() == place.amount) return &row;
    if (group.method != values.baseline && group.amount() == place.amount) at_amount = &row;
  }
  // The baseline has an amount of its own; where nothing was run at this one it has no say.
  if (place.method != values.baseline) return nullptr;
  if (at_amount == nullptr && values.methods.size() > 1) return nullptr;
  const std::optional<double> sparsity =
      at_amount == nullptr ? std::nullopt : std::optional<double>(at_amount->group.sparsity);
  return baseline_row(rows, {*place.dataset, *place.context}, values.baseline, sparsity);
}

std::vector<std::string> level_names(const std::vector<PivotAxis>& axes,
                                     const PivotValues& values) {
  std::vector<std::string> names;
  for (const PivotAxis axis : axes) {
    if (axis == PivotAxis::kMethod && !values.groups.empty()) names.emplace_back("group");
    names.push_back(axis == PivotAxis::kMethod    ? "method"
                    : axis == PivotAxis::kAmount  ? values.amount
                    : axis == PivotAxis::kDataset ? "dataset"
                                                  : "context");
  }
  return names;
}

std::vector<std::string> heads_at(const PivotPlace& place, const std::vector<PivotAxis>& axes,
                                  const PivotValues& values) {
  std::vector<std::string> heads;
  for (const PivotAxis axis : axes) {
    switch (axis) {
      case PivotAxis::kMethod:
        if (!values.groups.empty()) heads.push_back(group_of(values.groups, *place.method));
        heads.push_back(*place.method);
        break;
      case PivotAxis::kAmount:
        heads.push_back(values.by_budget ? exact(*place.amount) : sparsity_text(*place.amount));
        break;
      case PivotAxis::kDataset:
        heads.push_back(place.mean ? kMeanHead : *place.dataset);
        break;
      case PivotAxis::kContext:
        heads.push_back(std::to_string(*place.context));
        break;
    }
  }
  return heads;
}

}  // namespace pressroom
