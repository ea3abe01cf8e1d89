// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Stake of contributors, validators and workers, the bonds other contracts hold against it, slashing and stakers' pay.
interface IStakeManager {
    event RoleStaked(uint256 indexed stakeId, address indexed account, bytes32 indexed role, uint256 targetId, uint256 amount);
    event UnstakeRequested(uint256 indexed stakeId, address indexed account, uint256 amount, uint64 availableAt);
    event StakeWithdrawn(uint256 indexed stakeId, address indexed account, uint256 amount);
    event StakerRewardPaid(address indexed account, uint256 amount);
    event Slashed(
        uint256 indexed stakeId, address indexed account, uint256 indexed disputeId, uint256 amount, address beneficiary
    );
    event PenaltyUpdated(uint256 indexed datanetId, address indexed contributor, uint256 oldScore, uint256 newScore);
}
