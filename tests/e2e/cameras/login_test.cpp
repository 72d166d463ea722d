// Cameras that ask for a login in ways that rtspsrc alone has no answer to.
#include "plugins/auth/digest.hpp"
#include "plugins/auth/parameters.hpp"
#include "tests/e2e/proxy.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/scripted_camera.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <ostream>
#include <set>

namespace rtspproxy::tests {
namespace {

using Connection = ScriptedCamera::Connection;
using Request = ScriptedCamera::Request;

constexpr const char* kUser = "joe";
constexpr const char* kPassword = "se\"cret: 7";
constexpr const char* kPasswordInUrl = "se%22cret%3A%207";

// The parameters of a right Digest login, if it is one.
std::optional<auth::Parameters> right_login(const Request& request, const std::string& realm) {
    const auto given = auth::parse_digest_parameters(request.header("authorization"));
    if (!given)
        return std::nullopt;
    const auto value = [&given](const char* name) {
        const auto found = given->find(name);
        return found == given->end() ? std::string() : found->second;
    };
    const std::string nonce = value("nonce"), uri = value("uri"), qop = value("qop"),
                      count = value("nc"), client = value("cnonce");
    const auto algorithm = auth::parse_algorithm(value("algorithm"));
    if (!algorithm || value("username") != kUser || value("realm") != realm || uri != request.url)
        return std::nullopt;
    const std::string expected = auth::digest_response({.user = kUser,
                                                        .realm = realm,
                                                        .password = kPassword,
                                                        .nonce = nonce,
                                                        .method = request.method,
                                                        .uri = uri,
                                                        .qop = qop,
                                                        .nonce_count = count,
                                                        .client_nonce = client,
                                                        .algorithm = *algorithm});
    if (value("response") != expected)
        return std::nullopt;
    return *given;
}

struct Kind {
    const char* name;
    std::string realm;
    std::string challenges; // whole header lines; %N is the nonce
    // What else must hold for a login that is right.
    bool (*accepts)(const auth::Parameters& login);
    bool new_nonce_each = false; // a nonce is good for one request
};
void PrintTo(const Kind& kind, std::ostream* stream) {
    *stream << kind.name;
}

std::string value_of(const auth::Parameters& login, const char* name) {
    const auto found = login.find(name);
    return found == login.end() ? "" : found->second;
}

class LoginKinds : public WatchedTest, public ::testing::WithParamInterface<Kind> {
  protected:
    bool admit(Connection& connection, const Request& request) {
        const Kind& kind = GetParam();
        if (request.method == "OPTIONS" || request.method == "TEARDOWN")
            return false;
        const auto login = right_login(request, kind.realm);
        const bool current = login && value_of(*login, "nonce") == nonce();
        if (current && kind.accepts(*login)) {
            nonces_ += kind.new_nonce_each ? 1 : 0;
            return false;
        }
        wrong_ += request.header("authorization").empty() || login ? 0 : 1;
        std::string lines = kind.challenges;
        for (auto at = lines.find("%N"); at != std::string::npos; at = lines.find("%N"))
            lines.replace(at, 2, nonce() + (login && !current ? "\", stale=\"TRUE" : ""));
        connection.answer(request, 401, "Unauthorized", lines);
        return true;
    }
    [[nodiscard]] std::string nonce() const { return "nonce" + std::to_string(nonces_.load()); }

    std::atomic<int> nonces_{0};
    std::atomic<int> wrong_{0};
};

TEST_P(LoginKinds, IsGiven) {
    ScriptedCamera camera({.on_request = [this](Connection& connection, const Request& request) {
        return admit(connection, request);
    }});
    std::string url = camera.url();
    url.insert(url.find("//") + 2, std::string(kUser) + ":" + kPasswordInUrl + "@");
    Proxy proxy({"-t", url});
    ASSERT_TRUE(proxy.wait_ready()) << proxy.report();
    RtspPlayer player(proxy.url());
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    ASSERT_TRUE(player.wait_packets(30)) << proxy.report();
    const auto difference = find_difference(camera.sent(), player.packets());
    EXPECT_FALSE(difference) << *difference;
    EXPECT_EQ(wrong_, 0);
}

bool anything(const auth::Parameters&) {
    return true;
}
bool with_sha256(const auth::Parameters& login) {
    return value_of(login, "algorithm") == "SHA-256";
}
// Each count is good once for a nonce.
bool with_qop(const auth::Parameters& login) {
    static std::set<std::string> seen;
    return value_of(login, "qop") == "auth" &&
           seen.insert(value_of(login, "cnonce") + value_of(login, "nc")).second;
}
bool without_qop(const auth::Parameters& login) {
    return value_of(login, "qop").empty();
}

const std::string kMd5 = "WWW-Authenticate: Digest realm=\"cam\", nonce=\"%N\"\r\n";

INSTANTIATE_TEST_SUITE_P(
    , LoginKinds,
    ::testing::Values(
        Kind{"Md5", "cam", kMd5, anything},
        Kind{"Sha256", "cam",
             "WWW-Authenticate: Digest realm=\"cam\", nonce=\"%N\", algorithm=\"SHA-256\"\r\n",
             with_sha256},
        Kind{"TheStrongerOfTwo", "cam",
             kMd5 + "WWW-Authenticate: Digest realm=\"cam\", nonce=\"%N\", algorithm=SHA-256, "
                    "qop=\"auth\"\r\nWWW-Authenticate: Basic realm=\"cam\"\r\n",
             with_sha256},
        Kind{"QopRequired", "cam",
             "WWW-Authenticate: Digest realm=\"cam\", nonce=\"%N\", qop=\"auth\", opaque=\"x\"\r\n",
             with_qop},
        Kind{"QopOfferedAndNotUnderstood", "cam",
             "WWW-Authenticate: Digest realm=\"cam\", nonce=\"%N\", qop=\"auth\"\r\n", without_qop},
        Kind{"Sha256OfferedAndNotUnderstood", "cam",
             kMd5 + "WWW-Authenticate: Digest realm=\"cam\", nonce=\"%N\", algorithm=SHA-256\r\n",
             [](const auth::Parameters& login) { return !with_sha256(login); }},
        Kind{"QuotesInTheRealm", "the \"big\" one",
             "WWW-Authenticate: Digest realm=\"the \\\"big\\\" one\", nonce=\"%N\"\r\n", anything},
        Kind{"NoncesForOneRequest", "cam", kMd5, anything, true},
        Kind{"OneHeaderForAll", "cam",
             "WWW-Authenticate: Basic realm=\"cam\", Digest realm=\"cam\", nonce=\"%N\"\r\n",
             anything}),
    [](const auto& test) { return std::string(test.param.name); });

class WrongLogin : public WatchedTest {};

// Cameras lock accounts.
TEST_F(WrongLogin, IsTriedOnceAnAttempt) {
    ScriptedCamera camera({.on_request = [](Connection& connection, const Request& request) {
        if (request.method == "OPTIONS")
            return false;
        connection.answer(request, 401, "Unauthorized",
                          "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n\"\r\n"
                          "WWW-Authenticate: Basic realm=\"cam\"\r\n");
        return true;
    }});
    Proxy proxy({"-u", kUser, "wrong", camera.url()});
    ASSERT_TRUE(proxy.process().wait_err("back end lost: back end answered 401 Unauthorized"));
    ASSERT_TRUE(eventually([&] { return camera.count("DESCRIBE") >= 4; }));
    // After the second refusal once a minute.
    EXPECT_TRUE(throughout([&] { return camera.count("DESCRIBE") <= 4; }, 3s));
    int passwords = 0;
    for (const auto& request : camera.requests())
        passwords += request.header("authorization").empty() ? 0 : 1;
    EXPECT_EQ(passwords, 2);
}

TEST_F(WrongLogin, OfAKindThatIsNotUnderstoodIsSaid) {
    ScriptedCamera camera({.on_request = [](Connection& connection, const Request& request) {
        connection.answer(request, 401, "Unauthorized",
                          "WWW-Authenticate: Digest realm=\"cam\", nonce=\"n\", "
                          "algorithm=SHA-512-256\r\n");
        return true;
    }});
    Proxy proxy({"-u", kUser, "wrong", camera.url()});
    EXPECT_TRUE(proxy.process().wait_err("401 Unauthorized (asks for a Digest login that is not "
                                         "with MD5 or SHA-256)"));
}

} // namespace
} // namespace rtspproxy::tests
