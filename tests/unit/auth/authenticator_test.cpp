#include "plugins/auth/authenticator.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::auth {
namespace {

using Policy = Authenticator::Policy;

const Account kMufasa{"Mufasa", "Circle of Life"};
constexpr const char* kMd5 = "Digest realm=\"r\", nonce=\"n5\"";
constexpr const char* kSha256 = "Digest realm=\"r\", nonce=\"n2\", algorithm=SHA-256";
constexpr const char* kBasic = "Basic realm=\"r\"";

// The parameters of the answer to a Digest challenge.
Parameters answer(Authenticator& login, const std::string& method = "DESCRIBE",
                  const std::string& uri = "rtsp://a/b") {
    const auto value = login.authorize(method, uri);
    return value ? parse_digest_parameters(*value).value_or(Parameters{}) : Parameters{};
}
std::string response(const Parameters& given, const Account& account, Algorithm algorithm,
                     const std::string& method = "DESCRIBE") {
    const auto value = [&given](const char* name) {
        const auto found = given.find(name);
        return found == given.end() ? std::string_view() : std::string_view(found->second);
    };
    return digest_response({.user = account.user,
                            .realm = value("realm"),
                            .password = account.password,
                            .nonce = value("nonce"),
                            .method = method,
                            .uri = value("uri"),
                            .qop = value("qop"),
                            .nonce_count = value("nc"),
                            .client_nonce = value("cnonce"),
                            .algorithm = algorithm});
}

TEST(Authenticator, SaysNothingBeforeItIsAsked) {
    Authenticator login(kMufasa, {});
    EXPECT_FALSE(login.authorize("DESCRIBE", "rtsp://a/b"));
}

TEST(Authenticator, AnswersAsLive555sServerExpects) {
    Authenticator login({"Mufasa", "Circle Of Life"}, {});
    ASSERT_TRUE(login.challenge({"Digest realm=\"testrealm@host.com\", "
                                 "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""}));
    EXPECT_EQ(login.authorize("GET", "/dir/index.html"),
              "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
              "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
              "response=\"670fd8c2df070c60b045671b8b24ff02\"");
}

TEST(Authenticator, AnswersBasic) {
    Authenticator login({"Aladdin", "open sesame"}, {});
    ASSERT_TRUE(login.challenge({kBasic}));
    EXPECT_EQ(login.authorize("DESCRIBE", "rtsp://a/b"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

// The offers of RFC 7616 §3.9.1, in whatever order and however many headers.
TEST(Authenticator, TakesTheStrongestThatIsOffered) {
    const std::vector<std::vector<std::string>> offers = {
        {kMd5, kSha256},
        {kSha256, kMd5},
        {kBasic, kSha256, "NTLM"},
        {std::string(kBasic) + ", " + kMd5 + ", " + kSha256},
        {"Digest realm=\"r\", nonce=\"n9\", algorithm=SHA-512-256", kMd5, kSha256}};
    for (const auto& values : offers) {
        Authenticator login(kMufasa, {});
        ASSERT_TRUE(login.challenge(values));
        const auto given = answer(login);
        EXPECT_EQ(given.at("nonce"), "n2");
        EXPECT_EQ(given.at("algorithm"), "SHA-256");
        EXPECT_EQ(given.at("response"), response(given, kMufasa, Algorithm::Sha256));
    }
    for (const auto& values : std::vector<std::vector<std::string>>{
             {kBasic, kMd5}, {kMd5, kBasic}, {kMd5, "Digest realm=\"r\", nonce=\"n\", qop=x"}}) {
        Authenticator login(kMufasa, {});
        ASSERT_TRUE(login.challenge(values));
        const auto given = answer(login);
        EXPECT_EQ(given.at("nonce"), "n5");
        EXPECT_FALSE(given.contains("algorithm")) << "the challenge names none";
        EXPECT_EQ(given.at("response"), response(given, kMufasa, Algorithm::Md5));
    }
}

TEST(Authenticator, CountsTheRequestsOfANonce) {
    Authenticator login(kMufasa, {});
    const std::string challenge =
        R"(Digest realm="r", nonce="n", qop="auth-int, auth", algorithm=md5, opaque="o")";
    ASSERT_TRUE(login.challenge({challenge}));
    EXPECT_EQ(login.forms(), 2U);
    const auto first = answer(login);
    EXPECT_EQ(first.at("qop"), "auth");
    EXPECT_EQ(first.at("nc"), "00000001");
    EXPECT_EQ(first.at("opaque"), "o");
    EXPECT_EQ(first.at("algorithm"), "MD5");
    EXPECT_EQ(first.at("response"), response(first, kMufasa, Algorithm::Md5));
    const auto second = answer(login, "SETUP");
    EXPECT_EQ(second.at("nc"), "00000002");
    EXPECT_EQ(second.at("cnonce"), first.at("cnonce"));
    EXPECT_EQ(second.at("response"), response(second, kMufasa, Algorithm::Md5, "SETUP"));
    ASSERT_TRUE(login.challenge({challenge})); // once more with the same nonce
    EXPECT_EQ(answer(login).at("nc"), "00000003");
    ASSERT_TRUE(login.challenge({R"(Digest realm="r", nonce="m", qop=auth, stale=TRUE)"}));
    EXPECT_TRUE(login.stale());
    const auto renewed = answer(login);
    EXPECT_EQ(renewed.at("nc"), "00000001");
    EXPECT_NE(renewed.at("cnonce"), first.at("cnonce"));
}

// Those that are weaker than what is offered are last.
TEST(Authenticator, HasAFormForEachTurn) {
    const std::vector<std::string> offers = {
        R"(Digest realm="r", nonce="n1", qop="auth")",
        R"(Digest realm="r", nonce="n2", qop="auth", algorithm=SHA-256)"};
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"n2", "auth"}, {"n1", "auth"}, {"n2", ""}, {"n1", ""}, {"n2", "auth"}};
    for (std::size_t form = 0; form < expected.size(); ++form) {
        Authenticator login(kMufasa, Policy{.form = form});
        ASSERT_TRUE(login.challenge(offers));
        EXPECT_EQ(login.forms(), 4U);
        const auto given = answer(login);
        EXPECT_EQ(given.at("nonce"), expected[form].first);
        EXPECT_EQ(given.contains("qop"), !expected[form].second.empty());
        EXPECT_EQ(given.contains("nc"), given.contains("qop"));
        EXPECT_EQ(given.contains("cnonce"), given.contains("qop"));
        const bool sha256 = given.at("nonce") == "n2";
        EXPECT_EQ(given.at("response"),
                  response(given, kMufasa, sha256 ? Algorithm::Sha256 : Algorithm::Md5));
    }
}

TEST(Authenticator, HasOneFormOfWhatLeavesNoChoice) {
    // The hash of a session cannot be left without qop.
    const std::string session = R"(Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess)";
    for (const std::string& challenge : {session, std::string(kMd5), std::string(kSha256)}) {
        Authenticator login(kMufasa, Policy{.form = 5});
        ASSERT_TRUE(login.challenge({challenge, kBasic}));
        EXPECT_EQ(login.forms(), 1U);
    }
    Authenticator login(kMufasa, {});
    ASSERT_TRUE(login.challenge({session}));
    const auto given = answer(login);
    EXPECT_EQ(given.at("response"), response(given, kMufasa, Algorithm::Md5Session));
}

TEST(Authenticator, EscapesWhatHasQuotes) {
    const Account account{"jo\"e", "pw"};
    Authenticator login(account, {});
    ASSERT_TRUE(login.challenge({R"(Digest realm="the \"big\" \\ one", nonce="n")"}));
    const auto given = answer(login);
    EXPECT_EQ(given.at("realm"), "the \"big\" \\ one");
    EXPECT_EQ(given.at("username"), "jo\"e");
    EXPECT_EQ(given.at("response"), response(given, account, Algorithm::Md5));
}

TEST(Authenticator, SaysWhatCannotBeAnswered) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{}, "how to log in"},
        {{""}, "how to log in"},
        {{"Negotiate"}, "not understood"},
        {{"Digest realm=\"r\""}, "without realm or nonce"},
        {{"Digest nonce=\"n\""}, "without realm or nonce"},
        {{"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256"}, "MD5 or SHA-256"},
        {{"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""}, "quality of protection"},
        {{"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess"}, "without qop"},
        {{"Digest realm=\"r\x01\", nonce=\"n\""}, "control characters"},
    };
    for (const auto& [values, said] : cases) {
        Authenticator login(kMufasa, {});
        const auto challenged = login.challenge(values);
        ASSERT_FALSE(challenged) << said;
        EXPECT_NE(challenged.error().message.find(said), std::string::npos)
            << challenged.error().message;
    }
    Authenticator login(kMufasa, Policy{.basic = false});
    EXPECT_FALSE(login.challenge({kBasic}));
    EXPECT_FALSE(login.authorize("DESCRIBE", "rtsp://a/b"));
}

TEST(Authenticator, NeverShowsThePasswordInADigest) {
    for (const char* challenge : {kMd5, kSha256}) {
        Authenticator login(kMufasa, {});
        ASSERT_TRUE(login.challenge({challenge}));
        EXPECT_EQ(login.authorize("GET", "/")->find(kMufasa.password), std::string::npos);
    }
}

} // namespace
} // namespace rtspproxy::auth
