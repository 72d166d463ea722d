#include "plugins/auth/parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rtspproxy::auth {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

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

TEST(Quote, IsReadBack) {
    for (const char* text : {"", "a", "\"", "\\", "a\\\"b", "\\\\"}) {
        const auto parameters = parse_digest_parameters("Digest a=" + quote(text));
        ASSERT_TRUE(parameters) << text;
        EXPECT_EQ(parameters->at("a"), text);
    }
}

TEST(ParseChallenges, ReadsOneAfterAnother) {
    const auto challenges = parse_challenges(
        "Negotiate, Basic realm=\"a, b\", Digest realm=\"c\", nonce=\"n\" , qop=\"auth,auth-int\","
        "  NTLM abc==, Bearer");
    ASSERT_EQ(challenges.size(), 5U);
    EXPECT_EQ(challenges[0].scheme, "negotiate");
    EXPECT_EQ(challenges[1].scheme, "basic");
    EXPECT_THAT(challenges[1].parameters, UnorderedElementsAre(Pair("realm", "a, b")));
    EXPECT_EQ(challenges[2].scheme, "digest");
    EXPECT_THAT(
        challenges[2].parameters,
        UnorderedElementsAre(Pair("realm", "c"), Pair("nonce", "n"), Pair("qop", "auth,auth-int")));
    EXPECT_EQ(challenges[3].scheme, "ntlm");
    EXPECT_EQ(challenges[4].scheme, "bearer");
}

TEST(ParseChallenges, BearsWhatCamerasWrite) {
    const auto challenges =
        parse_challenges("Digest realm=\"IP \\\"Camera\\\"\" nonce=n1,stale=\"FALSE\", , "
                         "Nonce=\"n2\", algorithm=MD5");
    ASSERT_EQ(challenges.size(), 1U);
    EXPECT_THAT(challenges[0].parameters,
                UnorderedElementsAre(Pair("realm", "IP \"Camera\""), Pair("nonce", "n1"),
                                     Pair("stale", "FALSE"), Pair("algorithm", "MD5")));
}

TEST(ParseChallenges, LeavesOutWhatMakesNoSense) {
    EXPECT_TRUE(parse_challenges("").empty());
    EXPECT_TRUE(parse_challenges(" , ,").empty());
    EXPECT_TRUE(parse_challenges("realm=\"a\"").empty());
    EXPECT_TRUE(parse_challenges("\"Digest\"").empty());
    const auto cut = parse_challenges("Basic realm=\"a\", Digest realm=\"b");
    ASSERT_EQ(cut.size(), 2U);
    EXPECT_TRUE(cut[1].parameters.empty());
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += "Basic, ";
    EXPECT_EQ(parse_challenges(many).size(), kMaxChallenges);
}

} // namespace
} // namespace rtspproxy::auth
