// The viewers who have nothing to do with it.
#pragma once

#include "tests/e2e/outages/swarm.hpp"

namespace rtspproxy::tests {

// Nobody was disconnected, and what they got is whole. When it came does not matter: these tests
// load the machine.
void expect_whole(Swarm& viewers);

} // namespace rtspproxy::tests
