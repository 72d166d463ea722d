#include "app/backend/tap/sender_filter.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <cstring>

namespace rtspproxy::backend::tests {
namespace {

class Address {
  public:
    Address(const char* host, in_port_t port) {
        if (std::strchr(host, ':') != nullptr) {
            auto* six = reinterpret_cast<sockaddr_in6*>(&storage_);
            six->sin6_family = AF_INET6;
            six->sin6_port = htons(port);
            EXPECT_EQ(inet_pton(AF_INET6, host, &six->sin6_addr), 1);
        } else {
            auto* four = reinterpret_cast<sockaddr_in*>(&storage_);
            four->sin_family = AF_INET;
            four->sin_port = htons(port);
            EXPECT_EQ(inet_pton(AF_INET, host, &four->sin_addr), 1);
        }
    }
    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&storage_);
    }

  private:
    sockaddr_storage storage_{};
};

TEST(HostAddressTest, ReadsBothFamilies) {
    for (const char* text : {"192.0.2.7", "2001:db8::7", "127.0.0.1", "::1"}) {
        const auto host = HostAddress::parse(text);
        ASSERT_TRUE(host) << text;
        EXPECT_EQ(host->text(), text);
        EXPECT_EQ(HostAddress::of(Address(text, 1).get()), host);
    }
    EXPECT_EQ(HostAddress::parse("::ffff:192.0.2.7"), HostAddress::parse("192.0.2.7"));
    for (const char* text : {"", "camera", "192.0.2", "192.0.2.7:80", "[::1]"})
        EXPECT_FALSE(HostAddress::parse(text)) << text;
}

TEST(SenderFilterTest, TakesEverybodysWhileNobodyIsKnown) {
    SenderFilter filter;
    EXPECT_FALSE(filter.knows_any());
    EXPECT_TRUE(filter.admits(Address("192.0.2.7", 6000).get(), true));
    EXPECT_TRUE(filter.admits(Address("192.0.2.8", 6001).get(), true));
}

TEST(SenderFilterTest, TakesThoseOfTheHostsThatAreRight) {
    SenderFilter filter;
    filter.allow(*HostAddress::parse("192.0.2.7"));
    filter.allow(*HostAddress::parse("192.0.2.8"));
    EXPECT_TRUE(filter.knows_any());
    EXPECT_FALSE(filter.admits(Address("192.0.2.9", 6000).get(), true));
    EXPECT_FALSE(filter.admits(Address("2001:db8::7", 6000).get(), true));
    EXPECT_TRUE(filter.admits(Address("192.0.2.8", 6000).get(), true));
}

TEST(SenderFilterTest, ThePortIsThatOfTheFirstThatIsRight) {
    SenderFilter filter;
    filter.allow(*HostAddress::parse("192.0.2.7"));
    EXPECT_FALSE(filter.admits(Address("192.0.2.9", 5000).get(), true));
    EXPECT_TRUE(filter.admits(Address("192.0.2.7", 5001).get(), false)); // no RTP
    EXPECT_TRUE(filter.admits(Address("192.0.2.7", 6000).get(), true));
    EXPECT_FALSE(filter.admits(Address("192.0.2.7", 5001).get(), true));
    EXPECT_TRUE(filter.admits(Address("192.0.2.7", 6000).get(), true));
    EXPECT_TRUE(filter.admits(Address("::ffff:192.0.2.7", 6000).get(), true)); // a dual socket
}

} // namespace
} // namespace rtspproxy::backend::tests
