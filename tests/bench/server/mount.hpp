// Mount: what a bench server serves under one path.
#pragma once

#include "tests/bench/server/fanout.hpp"

#include <string>
#include <vector>

namespace rtspproxy::bench {

class Mount {
  public:
    virtual ~Mount() = default;

    // Empty if it is not known (yet): DESCRIBE then answers 503.
    [[nodiscard]] virtual std::string description() const = 0;
    // One for each m= line of the description; its control URL ends with "trackID=<index>".
    [[nodiscard]] virtual std::vector<Fanout*> tracks() = 0;
    // "seq=…;rtptime=…" of the next packet of a track for RTP-Info, or empty.
    [[nodiscard]] virtual std::string rtp_info(std::size_t track) const = 0;
};

} // namespace rtspproxy::bench
