// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "cli/commands.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  reelmill::Program program(std::cout, std::cerr);
  reelmill::add_commands(program);
  return static_cast<int>(program.run({argv + 1, argv + argc}));
}
