#include "plugins/auth/digest.hpp"

#include <gtest/gtest.h>

#include <set>

namespace rtspproxy::auth {
namespace {

constexpr DigestInput kRfc2617{.user = "Mufasa",
                               .realm = "testrealm@host.com",
                               .password = "Circle Of Life",
                               .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                               .method = "GET",
                               .uri = "/dir/index.html"};
constexpr DigestInput kRfc7616{
    .user = "Mufasa",
    .realm = "http-auth@example.org",
    .password = "Circle of Life",
    .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    .method = "GET",
    .uri = "/dir/index.html",
    .qop = "auth",
    .nonce_count = "00000001",
    .client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};

TEST(DigestResponse, MatchesRfc2617Section3_5) {
    DigestInput input = kRfc2617;
    input.qop = "auth";
    input.nonce_count = "00000001";
    input.client_nonce = "0a4f113b";
    EXPECT_EQ(digest_response(input), "6629fae49393a05397450978507c4ef1");
}

TEST(DigestResponse, HasTheOldFormWithoutQop) {
    EXPECT_EQ(digest_response(kRfc2617), "670fd8c2df070c60b045671b8b24ff02");
}

TEST(DigestResponse, MatchesRfc7616Section3_9_1) {
    DigestInput input = kRfc7616;
    EXPECT_EQ(digest_response(input), "8ca523f5e9506fed4657c9700eebdbec");
    input.algorithm = Algorithm::Sha256;
    EXPECT_EQ(digest_response(input),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

// RFC 7616 has no example of it: computed by its formula with Python's hashlib.
TEST(DigestResponse, HashesTheSessionWhereAskedFor) {
    DigestInput input = kRfc7616;
    input.algorithm = Algorithm::Md5Session;
    EXPECT_EQ(digest_response(input), "e783283f46242139c486a698fec7211d");
    input.algorithm = Algorithm::Sha256Session;
    EXPECT_EQ(digest_response(input),
              "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7");
}

TEST(ParseAlgorithm, KnowsThoseThatAreUnderstood) {
    EXPECT_EQ(parse_algorithm(""), Algorithm::Md5);
    EXPECT_EQ(parse_algorithm("md5"), Algorithm::Md5);
    EXPECT_EQ(parse_algorithm("SHA-256"), Algorithm::Sha256);
    EXPECT_EQ(parse_algorithm("sha-256-SESS"), Algorithm::Sha256Session);
    for (const char* name : {"SHA-512-256", "SHA256", "MD5 ", "token"})
        EXPECT_FALSE(parse_algorithm(name)) << name;
    for (const Algorithm each :
         {Algorithm::Md5, Algorithm::Md5Session, Algorithm::Sha256, Algorithm::Sha256Session})
        EXPECT_EQ(parse_algorithm(to_string(each)), each);
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
} // namespace rtspproxy::auth
