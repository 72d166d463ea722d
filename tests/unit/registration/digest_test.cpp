#include "plugins/registration/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace rtspproxy::registration {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

const Account kMufasa{"Mufasa", "Circle Of Life"};

TEST(DigestResponse, MatchesRfc2617Section3_5) {
    EXPECT_EQ(digest_response({.user = "Mufasa",
                               .realm = "testrealm@host.com",
                               .password = "Circle Of Life",
                               .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                               .method = "GET",
                               .uri = "/dir/index.html",
                               .qop = "auth",
                               .nonce_count = "00000001",
                               .client_nonce = "0a4f113b"}),
              "6629fae49393a05397450978507c4ef1");
}

TEST(DigestResponse, HasTheOldFormWithoutQop) {
    EXPECT_EQ(digest_response({.user = "Mufasa",
                               .realm = "testrealm@host.com",
                               .password = "Circle Of Life",
                               .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                               .method = "GET",
                               .uri = "/dir/index.html"}),
              "670fd8c2df070c60b045671b8b24ff02");
}

TEST(ParseDigestParameters, ReadsQuotedAndBareValues) {
    const auto parameters =
        parse_digest_parameters("digest Realm=\"a, \\\"b\\\\\" ,nonce = \"\",\tstale=TRUE , x=y");
    ASSERT_TRUE(parameters) << parameters.error().message;
    EXPECT_THAT(*parameters, UnorderedElementsAre(Pair("realm", "a, \"b\\"), Pair("nonce", ""),
                                                  Pair("stale", "TRUE"), Pair("x", "y")));
}

TEST(ParseDigestParameters, RefusesMalformedOnes) {
    for (const char* value :
         {"", "Digest", "Basic realm=\"a\"", "Digestrealm=\"a\"", "Digest realm",
          "Digest realm=\"a", "Digest realm=\"a\\", "Digest realm=\"a\" nonce=\"b\"", "Digest =a",
          "Digest realm=\"a\",realm=\"b\"", "Digest realm=\"a\",,nonce=\"b\"", "Digest a b=c",
          "Digest realm=a\"b\""})
        EXPECT_FALSE(parse_digest_parameters(value)) << value;
}

TEST(AnswerChallenge, AnswersAsLive555sServerExpects) {
    const auto answer = answer_challenge("Digest realm=\"testrealm@host.com\", "
                                         "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
                                         kMufasa, "GET", "/dir/index.html");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
                       "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", "
                       "response=\"670fd8c2df070c60b045671b8b24ff02\"");
}

TEST(AnswerChallenge, AnswersQopAuthWithANonceOfItsOwn) {
    const auto answer = answer_challenge("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int, auth\", "
                                         "algorithm=md5, opaque=\"o\"",
                                         kMufasa, "REGISTER", "rtsp://a/b");
    ASSERT_TRUE(answer) << answer.error().message;
    const auto parameters = parse_digest_parameters(*answer);
    ASSERT_TRUE(parameters);
    EXPECT_EQ(parameters->at("qop"), "auth");
    EXPECT_EQ(parameters->at("opaque"), "o");
    EXPECT_EQ(parameters->at("algorithm"), "MD5");
    EXPECT_EQ(parameters->at("response"),
              digest_response({.user = kMufasa.user,
                               .realm = "r",
                               .password = kMufasa.password,
                               .nonce = "n",
                               .method = "REGISTER",
                               .uri = "rtsp://a/b",
                               .qop = "auth",
                               .nonce_count = parameters->at("nc"),
                               .client_nonce = parameters->at("cnonce")}));
}

TEST(AnswerChallenge, RefusesWhatItCannotAnswer) {
    for (const char* challenge : {"Basic realm=\"a\"", "Digest realm=\"r\"", "Digest nonce=\"n\"",
                                  "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256",
                                  "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""})
        EXPECT_FALSE(answer_challenge(challenge, kMufasa, "GET", "/")) << challenge;
}

TEST(AnswerChallenge, NeverContainsThePassword) {
    const auto answer = answer_challenge("Digest realm=\"r\", nonce=\"n\"", kMufasa, "GET", "/");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->find(kMufasa.password), std::string::npos);
}

TEST(MakeNonce, IsNeverTheSame) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string nonce = make_nonce();
        EXPECT_EQ(nonce.size(), 32U);
        EXPECT_EQ(nonce.find_first_not_of("0123456789abcdef"), std::string::npos);
        EXPECT_TRUE(seen.insert(nonce).second);
    }
}

TEST(EqualsInConstantTime, Compares) {
    EXPECT_TRUE(equals_in_constant_time("abc", "abc"));
    EXPECT_TRUE(equals_in_constant_time("", ""));
    EXPECT_FALSE(equals_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equals_in_constant_time("abc", "xbc"));
    EXPECT_FALSE(equals_in_constant_time("abc", "abcd"));
}

} // namespace
} // namespace rtspproxy::registration
