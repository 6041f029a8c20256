// Everything a program needs: one include.
#pragma once

#include <conclave/gateway.hpp>
#include <conclave/money.hpp>
#include <conclave/result.hpp>
#include <conclave/tenant.hpp>
#include <conclave/version.hpp>
