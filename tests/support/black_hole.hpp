// A camera that is there and never answers.
#pragma once

#include "tests/support/socket.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rtspproxy::tests {

class BlackHole {
  public:
    // What happens to a connection: it is taken and nothing is ever said, or not even taken (its
    // SYNs are lost, as with a machine that is switched off).
    enum class Kind { Mute, Deaf };
    explicit BlackHole(Kind kind);

    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const { return local_port(listening_); }
    // A deaf one takes one connection more from now on.
    void make_room();

  private:
    Fd listening_;
    std::vector<Fd> fillers_, accepted_;
};

} // namespace rtspproxy::tests
