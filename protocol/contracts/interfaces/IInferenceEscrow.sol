// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Payers' deposits, the vouchers drawn on them, and the split of every fee.
interface IInferenceEscrow {
    event Deposited(address indexed payer, uint256 amount);
    event WithdrawalRequested(address indexed payer, uint256 amount, uint64 availableAt);
    event Withdrawn(address indexed payer, uint256 amount);
    event EarningsWithdrawn(address indexed account, uint256 amount);
    event InferenceSettled(
        bytes32 indexed requestId,
        uint256 indexed modelId,
        address indexed worker,
        address payer,
        uint32 version,
        uint32 inTokens,
        uint32 outTokens,
        uint256 fee,
        bytes32 outputHash
    );
    event FeeDistributed(
        bytes32 indexed requestId,
        uint256 indexed modelId,
        uint256 platform,
        uint256 model,
        uint256 worker,
        uint256 stakers,
        uint256 contributors
    );
    event FeeSplitUpdated(uint16 platformBps, uint16 modelBps, uint16 workerBps, uint16 stakersBps, uint16 contributorsBps);
}
