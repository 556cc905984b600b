// SPDX-License-Identifier: Apache-2.0
#include "resilience/call_context.h"
