#include "plugins/rtp/sender_report.hpp"

#include "plugins/rtp/packet.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::rtp::tests {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kSecond = std::uint64_t{1} << 32; // of NTP time

void append_u32(Bytes& bytes, std::uint32_t value) {
    bytes.resize(bytes.size() + 4);
    write_u32(bytes, bytes.size() - 4, value);
}
Bytes header(std::uint8_t type, std::size_t count, std::size_t size) {
    Bytes bytes{static_cast<std::uint8_t>(0x80U | count), type};
    bytes.resize(4);
    write_u16(bytes, 2, static_cast<std::uint16_t>(size / 4 - 1));
    return bytes;
}
Bytes reception_reports(std::size_t count) {
    Bytes bytes;
    for (std::size_t i = 0; i < count * 6; ++i)
        append_u32(bytes, 0xabcd0000U + static_cast<std::uint32_t>(i));
    return bytes;
}
Bytes operator+(Bytes one, const Bytes& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

Bytes sender_report(const SenderReport& report, std::size_t reports = 0) {
    Bytes bytes = header(200, reports, 28 + reports * 24);
    for (const std::uint32_t word :
         {report.ssrc, static_cast<std::uint32_t>(report.ntp >> 32U),
          static_cast<std::uint32_t>(report.ntp), report.rtp, 1000U, 100'000U})
        append_u32(bytes, word);
    return bytes + reception_reports(reports);
}
Bytes receiver_report(std::uint32_t ssrc, std::size_t reports = 0) {
    Bytes bytes = header(201, reports, 8 + reports * 24);
    append_u32(bytes, ssrc);
    return bytes + reception_reports(reports);
}
Bytes description(std::uint32_t ssrc) {
    Bytes bytes = header(202, 1, 16);
    append_u32(bytes, ssrc);
    return bytes + Bytes{1, 4, 'n', 'a', 'm', 'e', 0, 0};
}

const SenderReport kReport{0xcafe, 0x1234'5678'9abc'def0, 90'000};

std::size_t withdraw(Bytes& bytes) {
    const auto size = withdraw_sender_reports(bytes);
    bytes.resize(size);
    return size;
}

TEST(SenderReport, IsFoundWhereverItIs) {
    EXPECT_EQ(find_sender_report(sender_report(kReport)), kReport);
    EXPECT_EQ(find_sender_report(sender_report(kReport, 31)), kReport);
    EXPECT_EQ(find_sender_report(sender_report(kReport) + description(0xcafe)), kReport);
    EXPECT_EQ(find_sender_report(receiver_report(1, 2) + description(1) + sender_report(kReport)),
              kReport);
    EXPECT_EQ(find_sender_report(sender_report(kReport) + sender_report({1, 2, 3})), kReport);
}

TEST(SenderReport, IsNotFoundWhereNoneIs) {
    EXPECT_EQ(find_sender_report({}), std::nullopt);
    EXPECT_EQ(find_sender_report(receiver_report(1, 3) + description(1)), std::nullopt);
    EXPECT_EQ(find_sender_report(Bytes(100, 0)), std::nullopt);
}

TEST(SenderReport, TheOneThatIsMadeSaysWhatItShall) {
    const auto made = make_sender_report(kReport);
    EXPECT_EQ(find_sender_report(made), kReport);
    EXPECT_TRUE(kReport.tells_time());
    EXPECT_FALSE((SenderReport{1, 0, 2}).tells_time());
}

TEST(Goodbye, IsOfTheSourcesThatItNames) {
    Bytes goodbye = header(203, 2, 12);
    append_u32(goodbye, 0xcafe);
    append_u32(goodbye, 0xbeef);
    const Bytes compound = receiver_report(1) + description(0xcafe) + goodbye;
    EXPECT_TRUE(says_goodbye(compound, 0xcafe));
    EXPECT_TRUE(says_goodbye(compound, 0xbeef));
    EXPECT_FALSE(says_goodbye(compound, 1));
    EXPECT_FALSE(says_goodbye(sender_report(kReport), 0xcafe));
    for (std::size_t size = 0; size < compound.size(); ++size) {
        const Bytes cut(compound.begin(), compound.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_FALSE(says_goodbye(cut, 0xbeef)) << size;
    }
    goodbye[0] = 0x9f; // names more than there are
    EXPECT_FALSE(says_goodbye(goodbye, 5));
}

TEST(ReceptionReports, CanBeOfAnotherSource) {
    Bytes compound = receiver_report(0xabcd0000, 2) + sender_report(kReport, 1);
    Bytes expected = compound;
    rename_reported(compound, 0xabcd0000, 0x12345678);
    write_u32(expected, 8, 0x12345678);           // of the first packet's first report
    write_u32(expected, 8 + 48 + 28, 0x12345678); // of the second's
    EXPECT_EQ(compound, expected);
    for (std::size_t size = 0; size < compound.size(); ++size) {
        Bytes cut(compound.begin(), compound.begin() + static_cast<std::ptrdiff_t>(size));
        rename_reported(cut, 0x12345678, 1);
        EXPECT_EQ(cut.size(), size);
    }
}

TEST(SenderReport, EveryCutIsSafe) {
    const Bytes whole = sender_report(kReport, 2);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(find_sender_report(cut), std::nullopt) << size;
        Bytes same = cut;
        set_ntp_times(same, {1, 2, 90'000});
        EXPECT_EQ(same, cut);
        EXPECT_EQ(withdraw(same), size);
        EXPECT_EQ(same, cut);
    }
}

TEST(SenderReport, TooShortForWhatItClaimsIsNone) {
    Bytes bytes = sender_report(kReport, 1);
    bytes[0] = 0x82; // two reception reports
    EXPECT_EQ(find_sender_report(bytes), std::nullopt);
    bytes = sender_report(kReport);
    write_u16(bytes, 2, 4); // no room for all of the sender's part
    EXPECT_EQ(find_sender_report(bytes), std::nullopt);
    bytes = sender_report(kReport);
    bytes[0] = 0x40; // another version
    EXPECT_EQ(find_sender_report(bytes), std::nullopt);
}

TEST(SenderReport, GetsTheTimeOfAnotherClock) {
    Bytes bytes = sender_report({1, 77, 180'000}, 1) + description(1) + sender_report({2, 78, 0});
    const Bytes before = bytes;
    set_ntp_times(bytes, {5000 * kSecond, 90'000, 90'000});
    EXPECT_EQ(find_sender_report(bytes), (SenderReport{1, 5001 * kSecond, 180'000}));
    EXPECT_EQ(bytes, sender_report({1, 5001 * kSecond, 180'000}, 1) + description(1) +
                         sender_report({2, 4999 * kSecond, 0}));
    EXPECT_EQ(bytes.size(), before.size());
}

TEST(SenderReport, GetsOtherCounts) {
    auto bytes = receiver_report(1) + sender_report(kReport, 2) + description(kReport.ssrc);
    const auto before = bytes;
    set_sent_counts(bytes, {0x01020304, 0xfffffffe});
    constexpr std::size_t kAt = 8; // of the sender report
    EXPECT_EQ(read_u32(bytes, kAt + 20), 0x01020304U);
    EXPECT_EQ(read_u32(bytes, kAt + 24), 0xfffffffeU);
    auto restored = bytes;
    set_sent_counts(restored, {1000, 100'000});
    EXPECT_EQ(restored, before); // nothing else has changed
}

TEST(SenderReport, BecomesAReceiverReport) {
    Bytes bytes = sender_report(kReport, 2) + description(0xcafe);
    EXPECT_EQ(withdraw(bytes), 8U + 48U + 16U);
    EXPECT_EQ(bytes, receiver_report(0xcafe, 2) + description(0xcafe));

    bytes = sender_report(kReport) + description(0xcafe) + sender_report({7, 8, 9}, 1);
    withdraw(bytes);
    EXPECT_EQ(bytes, receiver_report(0xcafe) + description(0xcafe) + receiver_report(7, 1));
}

TEST(SenderReport, OtherPacketsStayAsTheyAre) {
    Bytes bytes = receiver_report(1, 1) + description(1) + Bytes{1, 2, 3};
    const Bytes before = bytes;
    withdraw(bytes);
    EXPECT_EQ(bytes, before);
}

TEST(ClockMapping, FollowsTheTimestamps) {
    const ClockMapping clock{100 * kSecond, 1000, 8000};
    EXPECT_EQ(clock.ntp_of(1000), 100 * kSecond);
    EXPECT_EQ(clock.ntp_of(9000), 101 * kSecond);
    EXPECT_EQ(clock.ntp_of(1001), 100 * kSecond + kSecond / 8000);
    EXPECT_EQ(clock.ntp_of(1000 - 4000), 99 * kSecond + kSecond / 2) << "over the wrap";
    EXPECT_EQ(clock.ntp_of(1000U + 0x7fff'ffffU), 100 * kSecond + (0x7fff'ffffULL << 32U) / 8000);
}

TEST(ClockMapping, NothingOverflowsAtAnyRate) {
    for (const std::uint32_t rate : {1U, 90'000U, 0x7fff'ffffU}) {
        const ClockMapping clock{kSecond << 31U, 0, rate};
        EXPECT_EQ(clock.ntp_of(rate), (kSecond << 31U) + kSecond);
        EXPECT_GT(clock.ntp_of(0x7fff'ffff), clock.ntp);
        EXPECT_LT(clock.ntp_of(0x8000'0001), clock.ntp);
    }
}

} // namespace
} // namespace rtspproxy::rtp::tests
