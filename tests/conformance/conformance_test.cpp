// That the runner finds what is wrong: recorded cases, changed in one place, must not pass.

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "conformance/cases.hpp"
#include "conformance/certificate.hpp"
#include "conformance/tally.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"

using conformance::Result;
using conformance::run_case;
using golden::File;
using golden::Json;
using Outcome = conformance::Result::Outcome;

namespace {

const File& recording(const char* name) {
  static std::map<std::string, File> files;
  return files.try_emplace(name, "conformance/" + std::string(name) + ".float32.safetensors")
      .first->second;
}

/// The first case in which `wanted` holds.
template <class Wanted>
Json find_case(const File& file, Wanted wanted) {
  for (const Json& record : file.cases()) {
    if (wanted(record)) return record;
  }
  FAIL("no such case");
  return {};
}
/// An ELU with an alpha, and enough elements of both signs.
Json elu() {
  const File& file = recording("nn.ELU");
  return find_case(file, [&](const Json& c) {
    return c.at("ctor_args").size() == 1 && file.tensor(c, "output/0").numel() == 17;
  });
}

Result run_elu(const Json& record) { return run_case(recording("nn.ELU"), record); }

/// What the failures of a case begin with.
std::vector<std::string> failed(const Result& result) {
  std::vector<std::string> names;
  for (const auto& failure : result.failures) names.push_back(failure.substr(0, failure.find(':')));
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A case passes as it was recorded", "[conformance]") {
  const Result result = run_elu(elu());
  CHECK(result.outcome == Outcome::passed);
  CHECK(result.failures.empty());
}

TEST_CASE("Another text, state or node name fails", "[conformance]") {
  Json record = elu();
  record["repr"] = "ELU()";
  CHECK(failed(run_elu(record)) == Names{"repr"});
  record = elu();
  record["state_dict"] = {{"weight", {1}}};
  CHECK(failed(run_elu(record)) == Names{"state_dict"});
  record = elu();
  record["grad_fn"] = {"CeluBackward0"};
  CHECK(failed(run_elu(record)) == Names{"grad_fn of output 0"});
}

TEST_CASE("Other arguments give other results, which fail", "[conformance]") {
  Json record = elu();
  record["ctor_args"] = {7};
  CHECK(failed(run_elu(record)) == Names{"repr", "output/0", "grad_input/0"});
  record = elu();
  record["args"][0]["requires_grad"] = false;
  CHECK(failed(run_elu(record)) ==
        Names{"grad_fn of output 0", "output 0 does not require a gradient"});
  record = elu();
  record["args"] = Json::array();
  CHECK(run_elu(record).outcome == Outcome::failed);
}

TEST_CASE("Another seed gives other initial values and draws, which fail", "[conformance]") {
  Json record = recording("nn.Linear").cases().at(0);
  record["seed"] = 99;
  const auto names = failed(run_case(recording("nn.Linear"), record));
  CHECK(names.size() > 2);
  CHECK(names.front() == "param/weight");
  const File& draws = recording("nn.RReLU");
  record = draws.cases().back();
  for (const Json& c : draws.cases()) {  // the largest input that draws
    if (c.at("training") == true && draws.tensor(c, "output/0").numel() == 100) record = c;
  }
  record["seed"] = 99;
  CHECK(failed(run_case(draws, record)) == Names{"output/0", "grad_input/0"});
}

TEST_CASE("What brasa does not have is skipped with the reason", "[conformance]") {
  const auto reason = [](const Json& record) {
    const Result result = run_elu(record);
    CHECK(result.outcome == Outcome::skipped);
    CHECK(result.failures.empty());
    return result.reason;
  };
  Json record = elu();
  record["module"] = "nn.Conv2d";
  CHECK(reason(record) == "there is no nn::Conv2d");
  record = elu();
  record["kwargs"] = {{"surprise", 1}};
  CHECK(reason(record) == "argument surprise");
  record["kwargs"] = {{"surprise", nullptr}, {"switch", false}};  // these ask for nothing
  CHECK(run_elu(record).outcome == Outcome::passed);
  record = elu();
  record["ctor_kwargs"] = {{"surprise", {{"dtype", "float16"}}}};
  CHECK(reason(record) == "argument surprise");
  record = elu();
  record["dtype"] = "float16";
  CHECK(reason(record) == "modules and functions of float16");
}

TEST_CASE("What has no forward is held by its text and state", "[conformance]") {
  const File& file = recording("nn.ModuleList");
  Json record = find_case(file, [&](const Json& c) { return !file.names(c, "param/").empty(); });
  CHECK(run_case(file, record).outcome == Outcome::passed);
  record["repr"] = "ModuleList()";
  record["seed"] = 99;
  CHECK(failed(run_case(file, record)) == Names{"repr", "param/0.weight", "param/0.bias"});
}

TEST_CASE("Functions go by several names", "[conformance]") {
  for (const char* op : {"elu", "functional.elu", "nn.functional.elu", "torch.nn.functional.elu"}) {
    CHECK(conformance::subject({{"op", op}, {"kwargs", Json::object()}}) == "functional.elu");
  }
  CHECK(conformance::subject({{"module", "torch.nn.ELU"}}) == "nn.ELU");
  CHECK(conformance::subject({{"kind", "size"}}).empty());
}

TEST_CASE("A file that cannot be read is a failure", "[conformance]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "broken.safetensors") << "no header";
  const auto tallies = conformance::run_folder(folder.path().string());
  CHECK(conformance::totals(tallies).failed == 1);
  CHECK(tallies.at("broken.safetensors").failures.size() == 1);
  CHECK_THROWS(conformance::run_folder((folder / "nowhere").string()));
}

TEST_CASE("A tally is told in one line, with reasons and failures below", "[conformance]") {
  conformance::Tally tally;
  tally.add(recording("nn.ELU"), elu(), {Outcome::passed, {}, "", 1.5});
  tally.add(recording("nn.ELU"), elu(), {Outcome::skipped, {}, "reason", 0});
  tally.add(recording("nn.ELU"), elu(), {Outcome::failed, {"repr: no"}, "", 2.5});
  const std::string number = elu().at("case");
  CHECK(line_of("nn.ELU", tally) ==
        "nn.ELU: 3 cases, 1 passed, 1 failed, 1 skipped; float32 worst error 2.5 ulp\n"
        "  skipped 1: reason\n"
        "  failed: nn.ELU.float32.safetensors, case " +
            number + ": repr: no");
}

TEST_CASE("Other options, gradients or texts of an optimizer fail", "[conformance]") {
  const File& file = recording("optim.Adam");
  const Json adam = find_case(file, [](const Json& c) { return c.contains("saved"); });
  const auto failed_with = [&](const char* key, const Json& value) {
    Json record = adam;
    record[key] = value;
    return failed(run_case(file, record));
  };
  CHECK(run_case(file, adam).outcome == Outcome::passed);
  Json kwargs = adam.at("kwargs");
  kwargs["dict"]["lr"] = 0.03;
  CHECK(failed_with("kwargs", kwargs).front() == "params after step 0");
  CHECK(failed_with("missing", Json::array({Json::array({3, 2})})).front() ==
        "params after step 3");
  CHECK(failed_with("repr", "Adam ()") ==
        Names{"repr", "repr"});  // with and without the saved state
  CHECK(failed_with("state", "{}") == Names{"state_dict()['state']", "state_dict()['state']"});
  CHECK(failed_with("groups", "[]").size() == 2);
  Json saved = adam.at("saved");
  for (Json& item : saved["items"]) {
    if (item.at(0) == "state") item[1]["items"] = Json::array();  // begins anew
  }
  CHECK(failed_with("saved", saved).front() == "params after step 2");
}

TEST_CASE("A mistake must raise the error that PyTorch raises", "[conformance]") {
  const File& file = recording("optim.SGD");
  Json record = find_case(file, [](const Json& c) {
    return c.contains("error") && c.at("error").at("text") == "Invalid momentum value: -0.5";
  });
  CHECK(run_case(file, record).outcome == Outcome::passed);
  record["error"]["type"] = "UserWarning";
  CHECK(failed(run_case(file, record)) == Names{"error"});
  record["error"] = {{"type", "ValueError"}, {"text", "Invalid lr"}};
  CHECK(failed(run_case(file, record)) == Names{"error"});
  record["kwargs"]["dict"]["momentum"] = 0.5;
  CHECK(run_case(file, record).failures.size() == 1);  // none is raised
}

TEST_CASE("Other rates or states of a scheduler fail", "[conformance]") {
  const File file("conformance/optim.lr_scheduler.StepLR.safetensors");
  const Json step_lr = file.cases().at(0);
  CHECK(run_case(file, step_lr).outcome == Outcome::passed);
  Json record = step_lr;
  record["scheduler"]["kwargs"]["step_size"] = 4;
  CHECK(failed(run_case(file, record)).front() == "initial_state");
  record = step_lr;
  record["lrs"][1] = 2;
  CHECK(failed(run_case(file, record)).at(1) == "lr");
  record = step_lr;
  record["outside"] = Json::array({11, 0.5});
  CHECK(failed(run_case(file, record)).front() == "lr");
  record = step_lr;
  record["middle_state"]["dict"]["last_epoch"] = 7;
  CHECK(failed(run_case(file, record)) == Names{"lr", "state"});
}

TEST_CASE("A certificate lists everything, and errors may differ a little", "[conformance]") {
  conformance::Tallies tallies;
  tallies["nn.ELU"].passed = 3;
  tallies["nn.ELU"].ulps = {{"float32", 3.0}, {"float64", 0.0}};
  const conformance::Inventory inventory{
      "2.13.0", {"Conv9d", "ELU", "Sequential"}, {"elu"}, {"Muon", "SGD"}, {"StepLR"}};
  const std::string text = certificate(tallies, inventory);
  using Catch::Matchers::ContainsSubstring;
  CHECK_THAT(text,
             ContainsSubstring("**3 cases passed, 0 failed, 0 skipped; 1 of 3 modules pass all "
                               "their cases, 1 are missing; 0 of 1 functions"));
  CHECK_THAT(text, ContainsSubstring("| `nn.Conv9d` | missing | | |\n"));
  CHECK_THAT(text, ContainsSubstring("| `nn.ELU` | 3 of 3 | ≤ 4 | 0 |\n"));
  CHECK_THAT(text, ContainsSubstring("| `nn.Sequential` | not recorded | | |\n"));
  conformance::Tallies skipping = tallies;
  skipping["nn.ELU"].skipped = 2;
  skipping["nn.ELU"].reasons["argument options"] = 2;
  CHECK_THAT(certificate(skipping, inventory),
             ContainsSubstring("| `nn.ELU` | 3 of 3, 2 skipped: argument options | ≤ 4 | 0 |\n"));
  CHECK_THAT(text,
             ContainsSubstring("0 of 2 optimizers pass all their cases, 1 are missing; 0 of 1 "
                               "schedulers"));
  CHECK_THAT(text, ContainsSubstring("| `optim.Muon` | missing | | |\n"));
  CHECK_THAT(text, ContainsSubstring("| `lr_scheduler.StepLR` | not recorded | | |\n"));

  tallies["nn.ELU"].ulps["float32"] = 9.0;
  CHECK(conformance::says_the_same(text, certificate(tallies, inventory)));
  tallies["nn.ELU"].ulps["float32"] = 40.0;
  CHECK_FALSE(conformance::says_the_same(text, certificate(tallies, inventory)));
  tallies["nn.ELU"].ulps["float32"] = 3.0;
  tallies["nn.ELU"].passed = 2;
  CHECK_FALSE(conformance::says_the_same(text, certificate(tallies, inventory)));
}
