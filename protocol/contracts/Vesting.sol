// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";

/// @notice Linear vesting from `start` over `duration` seconds (community, ecosystem).
contract LinearVesting is VestingWallet {
    constructor(address beneficiary, uint64 startAt, uint64 durationSeconds) VestingWallet(beneficiary, startAt, durationSeconds) {}
}

/// @notice Nothing until the cliff, then linear from zero at the cliff to everything at the end (investors, team).
contract CliffVesting is VestingWalletCliff {
    constructor(address beneficiary, uint64 startAt, uint64 durationSeconds, uint64 cliffSeconds)
        VestingWallet(beneficiary, startAt, durationSeconds)
        VestingWalletCliff(cliffSeconds)
    {}

    /// @dev OpenZeppelin's cliff pays the time before it at once when it passes; here vesting begins at the cliff.
    function _vestingSchedule(uint256 totalAllocation, uint64 timestamp) internal view override returns (uint256) {
        if (timestamp < cliff()) return 0;
        if (timestamp >= end()) return totalAllocation;
        return (totalAllocation * (timestamp - cliff())) / (end() - cliff());
    }
}
