#include "app/backend/presence/prober.hpp"

#include "tests/support/black_hole.hpp"
#include "tests/support/socket.hpp"
#include "tests/unit/backend/presence/main_context.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <filesystem>
#include <iterator>
#include <list>
#include <optional>
#include <vector>

namespace rtspproxy::backend::tests {
namespace {

using namespace std::chrono_literals; // NOLINT(google-build-using-namespace): literals for tests
using rtspproxy::tests::BlackHole;
using rtspproxy::tests::Clock;
using rtspproxy::tests::Fd;
using rtspproxy::tests::free_port;
using rtspproxy::tests::listen_tcp;
using rtspproxy::tests::local_port;
using Patience = Prober::Patience;

// Not all of them are sockets, but the others do not change.
std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class ProberTest : public ::testing::Test {
  protected:
    std::unique_ptr<Prober::Subject> subject(const std::string& host, std::uint16_t port) {
        return prober_->subject({host, port},
                                [this](bool reachable) { reports_.push_back(reachable); });
    }
    // The report of a probe.
    std::optional<bool> probe(Prober::Subject& subject, Patience patience = Patience::Usual) {
        reports_.clear();
        subject.probe(patience);
        EXPECT_TRUE(reports_.empty()) << "from within probe()";
        EXPECT_TRUE(iterate_until([this] { return !reports_.empty(); }));
        return reports_.size() == 1 ? std::optional<bool>(reports_.front()) : std::nullopt;
    }

    const std::shared_ptr<Prober> prober_ = Prober::create();
    std::vector<bool> reports_;
};

TEST_F(ProberTest, SeesOneThatListensAndSaysNothingToIt) {
    const Fd listening = *listen_tcp("127.0.0.1", 0, 8);
    const auto one = subject("127.0.0.1", local_port(listening));
    EXPECT_EQ(probe(*one), true);
    const Fd accepted(accept(listening.get(), nullptr, nullptr));
    ASSERT_TRUE(accepted);
    char byte = 0;
    EXPECT_EQ(recv(accepted.get(), &byte, 1, 0), 0); // it was closed, in an orderly way
}

TEST_F(ProberTest, SeesThatNothingListens) {
    const auto one = subject("127.0.0.1", free_port());
    for (const auto patience : {Patience::Usual, Patience::Patient, Patience::Usual})
        EXPECT_EQ(probe(*one, patience), false);
}

TEST_F(ProberTest, SeesThatNothingAnswers) {
    const BlackHole hole(BlackHole::Kind::Deaf);
    const auto one = subject("127.0.0.1", hole.port());
    const std::size_t before = open_descriptors();
    const auto start = Clock::now();
    EXPECT_EQ(probe(*one), false);
    EXPECT_GE(Clock::now() - start, 500ms);
    EXPECT_EQ(open_descriptors(), before);
    // A patient one waits on while the next one is under way.
    EXPECT_EQ(probe(*one, Patience::Patient), false);
    EXPECT_EQ(open_descriptors(), before + 1);
    EXPECT_EQ(probe(*one), false);
    EXPECT_EQ(open_descriptors(), before + 1);
    EXPECT_TRUE(iterate_until([&] { return open_descriptors() == before; }));
    EXPECT_EQ(reports_.size(), 1U); // and has no more to say
}

// The SYN is repeated after a second: no usual probe lives to see that.
TEST_F(ProberTest, APatientOneFindsWhatIsSlow) {
    BlackHole hole(BlackHole::Kind::Deaf);
    const auto one = subject("127.0.0.1", hole.port());
    one->probe(Patience::Patient);
    iterate_for(100ms); // the SYN was lost
    hole.make_room();
    EXPECT_TRUE(iterate_until([this] { return !reports_.empty() && reports_.back(); }));
}

TEST_F(ProberTest, TriesEveryAddressOfAName) {
    const Fd listening = *listen_tcp("127.0.0.1", 0, 8); // not on ::1
    const auto one = subject("localhost", local_port(listening));
    bool seen = false;
    for (int i = 0; i < 20 && !seen; ++i)
        seen = probe(*one) == true;
    EXPECT_TRUE(seen);
}

TEST_F(ProberTest, ANameWithoutAddressesIsNotThere) {
    const auto one = subject("camera.invalid", 554);
    EXPECT_EQ(probe(*one), false);
    EXPECT_EQ(probe(*one), false);
}

TEST_F(ProberTest, OneThatIsGoneReportsNothing) {
    const std::size_t before = open_descriptors();
    {
        const BlackHole hole(BlackHole::Kind::Deaf);
        const Fd listening = *listen_tcp("127.0.0.1", 0, 8);
        for (const std::uint16_t each : {hole.port(), local_port(listening)}) {
            auto waiting = subject("127.0.0.1", each);
            waiting->probe(Patience::Usual);
            auto under_way = subject("127.0.0.1", each);
            under_way->probe(Patience::Patient);
            g_main_context_iteration(nullptr, FALSE);
        }
        iterate_for(100ms);
    }
    EXPECT_TRUE(reports_.empty());
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ProberTest, ASubjectMayEndInItsReport) {
    const Fd listening = *listen_tcp("127.0.0.1", 0, 8);
    std::unique_ptr<Prober::Subject> one;
    bool reported = false;
    one = prober_->subject({"127.0.0.1", local_port(listening)}, [&](bool) {
        one.reset();
        reported = true;
    });
    one->probe(Patience::Usual);
    EXPECT_TRUE(iterate_until([&] { return reported; }));
}

TEST_F(ProberTest, HoldsToTheCommonPace) {
    const Fd listening = *listen_tcp("127.0.0.1", 0, 128);
    std::list<std::unique_ptr<Prober::Subject>> subjects;
    const auto start = Clock::now();
    for (int i = 0; i < 60; ++i) {
        subjects.push_back(subject("127.0.0.1", local_port(listening)));
        subjects.back()->probe(Patience::Usual);
    }
    ASSERT_TRUE(iterate_until([this] { return reports_.size() == 60; }));
    EXPECT_GE(Clock::now() - start, 60 * 1000ms / Pacer::kPerSecond - Pacer::kPause);
}

} // namespace
} // namespace rtspproxy::backend::tests
