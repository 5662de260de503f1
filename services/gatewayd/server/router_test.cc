// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/router.h"

#include <gtest/gtest.h>

#include "boost/json/object.hpp"
#include "services/gatewayd/server/fake_exchange.h"

namespace tug::gatewayd {
namespace {

HttpError PlainTable(const absl::Status& status, absl::string_view) {
  return ToHttpError(status);
}

Router NewRouter() {
  const auto echo = [](const char* name) {
    return [name](RequestContext& context) {
      return context.RespondText(200, "text/plain",
                                 std::string(name) + "(" + context.parameter() +
                                     ")@" + ToString(context.version()));
    };
  };
  return Router(
      {{"GET", "/images/json", kOldestApi, echo("list")},
       {"GET", "/images/{name}/json", kOldestApi, echo("inspect")},
       {"DELETE", "/images/{name}", kOldestApi, echo("remove")},
       {"GET", "/new", {1, 50}, echo("new")},
       {"POST", "/body", kOldestApi,
        [](RequestContext& context) -> absl::Status {
          auto body = context.ReadJsonBody();
          if (!body.ok()) return body.status();
          return context.RespondJson(
              200, body->has_value() ? **body : boost::json::value("none"));
        }}},
      PlainTable);
}

struct RouteCase {
  const char* name;
  const char* method;
  const char* target;
  int status;
  const char* body;
};

class RouterTest : public testing::TestWithParam<RouteCase> {};

TEST_P(RouterTest, Answers) {
  FakeExchange exchange(GetParam().method, GetParam().target);
  NewRouter().Serve(exchange);
  EXPECT_EQ(exchange.status(), GetParam().status);
  EXPECT_EQ(exchange.response_body(), GetParam().body);
  EXPECT_EQ(exchange.response_head().headers.Get("Api-Version"), "1.56");
}

constexpr RouteCase kRouteCases[] = {
    {"Unversioned", "GET", "/images/json", 200, "list()@1.56"},
    {"Versioned", "GET", "/v1.24/images/json", 200, "list()@1.24"},
    {"SlashesInName", "GET", "/v1.44/images/a/b/c:d/json", 200,
     "inspect(a/b/c:d)@1.44"},
    {"EncodedName", "GET", "/images/a%2Fb/json", 200, "inspect(a/b)@1.56"},
    {"EmptyName", "GET", "/images//json", 404,
     "{\"message\":\"page not found\"}\n"},
    {"WrongMethod", "PUT", "/images/json", 404,
     "{\"message\":\"page not found\"}\n"},
    {"UnknownPathBeforeVersion", "GET", "/v9.9/nothing", 404,
     "{\"message\":\"page not found\"}\n"},
    {"TooOldIsPlainText", "GET", "/v1.23/images/json", 400,
     "client version 1.23 is too old. Minimum supported API version is 1.24, "
     "please upgrade your client to a newer version\n"},
    {"TooNew", "GET", "/v1.57/images/json", 400,
     "{\"message\":\"client version 1.57 is too new. Maximum supported API "
     "version is 1.56\"}\n"},
    {"BelowFirstVersion", "GET", "/v1.49/new", 404,
     "{\"message\":\"page not found\"}\n"},
    {"MalformedVersion", "GET", "/v1.2.3/images/json", 400,
     "{\"message\":\"invalid API version: 1.2.3\"}\n"},
};
INSTANTIATE_TEST_SUITE_P(All, RouterTest, testing::ValuesIn(kRouteCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

struct BodyCase {
  const char* name;
  const char* type;
  const char* body;
  int status;
  const char* answer;
};

class JsonBodyTest : public testing::TestWithParam<BodyCase> {};

TEST_P(JsonBodyTest, Answers) {
  FakeExchange exchange("POST", "/body", GetParam().body);
  if (GetParam().type != nullptr) {
    exchange.mutable_head().headers.Set("Content-Type", GetParam().type);
  }
  NewRouter().Serve(exchange);
  EXPECT_EQ(exchange.status(), GetParam().status);
  EXPECT_EQ(exchange.response_body(), GetParam().answer);
}

constexpr BodyCase kBodyCases[] = {
    {"Absent", nullptr, "", 200, "\"none\"\n"},
    {"NotEscaped", nullptr, "{\"a\":\"<&>\"}", 200, "{\"a\":\"<&>\"}\n"},
    {"Charset", "Application/JSON; charset=utf-8", "1", 200, "1\n"},
    {"OtherType", "text/plain", "{}", 400,
     "{\"message\":\"unsupported Content-Type header (text/plain): must be "
     "'application/json'\"}\n"},
    {"CutOff", nullptr, "{", 400,
     "{\"message\":\"invalid JSON: unexpected EOF\"}\n"},
    {"Word", nullptr, "abc", 400,
     "{\"message\":\"invalid JSON: invalid character 'a' looking for "
     "beginning of value\"}\n"},
    {"Trailing", nullptr, "{} x", 400,
     "{\"message\":\"unexpected content after JSON\"}\n"},
};
INSTANTIATE_TEST_SUITE_P(All, JsonBodyTest, testing::ValuesIn(kBodyCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(QueryBoolTest, FollowsDocker) {
  FakeExchange exchange("GET", "/x?a&b=0&c=No&d=false&e=none&f=1&g=x&h=TRUE");
  RequestContext context(exchange, kNewestApi, "");
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    EXPECT_FALSE(context.QueryBool(name, true)) << name;
  }
  for (const char* name : {"f", "g", "h"}) {
    EXPECT_TRUE(context.QueryBool(name)) << name;
  }
  EXPECT_TRUE(context.QueryBool("absent", true));
}

}  // namespace
}  // namespace tug::gatewayd
