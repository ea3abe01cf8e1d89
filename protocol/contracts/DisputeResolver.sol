// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AttributionLedger} from "./AttributionLedger.sol";
import {DatanetRegistry} from "./DatanetRegistry.sol";
import {Governed} from "./Governed.sol";
import {IAttributionLedger} from "./interfaces/IAttributionLedger.sol";
import {IDatanetRegistry} from "./interfaces/IDatanetRegistry.sol";
import {IDisputeResolver} from "./interfaces/IDisputeResolver.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {Parameters} from "./Parameters.sol";
import {RewardDistributor} from "./RewardDistributor.sol";
import {StakeManager} from "./StakeManager.sol";

/// @notice Anyone who puts up a bond can challenge a contribution, an attribution batch, a reward root or a worker. While
/// a dispute is open its target does not pay and the respondent's stakes do not leave. Governance's timelock judges; a
/// dispute nobody judges by its deadline lapses, and its bond goes back.
/// @dev Several accounts can dispute one target at the same time, each once. With one dispute for each target, whoever
/// answers for it could shield it from everybody else's by disputing it itself.
contract DisputeResolver is Parameters, IDisputeResolver {
    enum DisputeStatus { None, Open, Upheld, Rejected, Expired }

    struct Dispute {
        address initiator;
        TargetType targetType;
        DisputeStatus status;
        uint64 deadline;
        address respondent;
        uint256 bondId;
        bytes32 targetId;
    }

    bytes32 public constant ARBITER_ROLE = keccak256("ARBITER_ROLE");
    /// @notice Least bond, in wei of OPEN.
    bytes32 public constant MIN_DISPUTE_BOND = keccak256("MIN_DISPUTE_BOND");
    /// @notice Seconds the arbiter has.
    bytes32 public constant RESOLUTION_WINDOW = keccak256("RESOLUTION_WINDOW");
    /// @notice The winner's part of what the loser loses, in basis points; the rest is the treasury's.
    bytes32 public constant WINNER_SHARE_BPS = keccak256("WINNER_SHARE_BPS");

    bytes32 public constant DISPUTE_UPHELD = "DISPUTE_UPHELD";
    uint256 private constant BPS = 10_000;
    uint256 private constant ONE = 1e18;

    DatanetRegistry public immutable DATANETS;
    ModelRegistry public immutable MODELS;
    AttributionLedger public immutable LEDGER;
    RewardDistributor public immutable REWARDS;
    StakeManager public immutable STAKES;
    address public immutable TREASURY;

    uint256 public disputeCount;
    mapping(uint256 disputeId => Dispute) private _disputes;
    /// @notice How many disputes are open about a target.
    mapping(TargetType targetType => mapping(bytes32 targetId => uint256)) public openDisputes;
    /// @notice The open dispute of an initiator about a target; zero when there is none.
    mapping(TargetType targetType => mapping(bytes32 targetId => mapping(address initiator => uint256))) public openDispute;
    /// @notice Whether a contribution has cost its contributor a penalty; it does so once, however many disputed it.
    mapping(uint256 contributionId => bool) public isPenalized;
    mapping(uint256 disputeId => mapping(address by => bool)) public hasCountered;

    error BondBelowMinimum(uint256 bond, uint256 minimum);
    error AlreadyDisputed(TargetType targetType, bytes32 targetId, uint256 disputeId);
    error NotDisputable(TargetType targetType, bytes32 targetId);
    error NotOpen(uint256 disputeId, DisputeStatus status);
    error DeadlinePassed(uint256 disputeId, uint64 deadline);
    error DeadlineNotPassed(uint256 disputeId, uint64 deadline);
    error NotParty(uint256 disputeId, address caller);
    error AlreadyCountered(uint256 disputeId, address caller);
    error LengthMismatch(uint256 stakes, uint256 amounts);
    error NotRespondentStake(uint256 disputeId, uint256 stakeId);
    error NothingToSlash(uint256 disputeId);

    constructor(
        address admin,
        address arbiter,
        DatanetRegistry datanets,
        ModelRegistry models,
        AttributionLedger ledger,
        RewardDistributor rewards,
        StakeManager stakes,
        address treasury,
        uint256 minBond,
        uint256 resolutionWindow,
        uint256 winnerShareBps
    ) Governed(admin) {
        if (treasury == address(0) || arbiter == address(0)) revert ZeroAddress();
        DATANETS = datanets;
        MODELS = models;
        LEDGER = ledger;
        REWARDS = rewards;
        STAKES = stakes;
        TREASURY = treasury;
        _grantRole(ARBITER_ROLE, arbiter);
        _defineParameter(MIN_DISPUTE_BOND, minBond, 1, 1_000_000 ether);
        _defineParameter(RESOLUTION_WINDOW, resolutionWindow, 1, 180 days);
        _defineParameter(WINNER_SHARE_BPS, winnerShareBps, 0, uint128(BPS));
    }

    /// @param targetId a contribution or batch as a number, a reward root, or a worker's address, as 32 bytes.
    /// @param bond wei of OPEN, taken from the caller by the StakeManager and lost if the dispute is rejected.
    function raise(TargetType targetType, bytes32 targetId, bytes32 tag, bytes32 evidenceHash, string calldata uri, uint256 bond)
        external
        whenNotPaused
        returns (uint256 disputeId)
    {
        uint256 minimum = parameter(MIN_DISPUTE_BOND);
        if (bond < minimum) revert BondBelowMinimum(bond, minimum);
        uint256 own = openDispute[targetType][targetId][msg.sender];
        if (own != 0) revert AlreadyDisputed(targetType, targetId, own);
        address respondent = _disputable(targetType, targetId);
        disputeId = ++disputeCount;
        openDispute[targetType][targetId][msg.sender] = disputeId;
        uint64 deadline = uint64(block.timestamp + parameter(RESOLUTION_WINDOW));
        Dispute storage d = _disputes[disputeId];
        d.initiator = msg.sender;
        d.targetType = targetType;
        d.status = DisputeStatus.Open;
        d.deadline = deadline;
        d.respondent = respondent;
        d.targetId = targetId;
        emit DisputeRaised(disputeId, msg.sender, uint8(targetType), targetId, tag, evidenceHash, uri, bond, deadline);
        STAKES.freeze(respondent, _contributionBond(d));
        if (++openDisputes[targetType][targetId] == 1) _setChallenged(d, true);
        d.bondId = STAKES.lockBond(msg.sender, STAKES.DISPUTER(), disputeId, bond);
    }

    /// @notice The respondent, or the owner of a disputed contribution's datanet, answers; once each.
    function counter(uint256 disputeId, bytes32 evidenceHash, string calldata uri) external {
        Dispute storage d = _open(disputeId);
        if (block.timestamp >= d.deadline) revert DeadlinePassed(disputeId, d.deadline);
        if (msg.sender != d.respondent && !_ownsDisputedDatanet(d, msg.sender)) revert NotParty(disputeId, msg.sender);
        if (hasCountered[disputeId][msg.sender]) revert AlreadyCountered(disputeId, msg.sender);
        hasCountered[disputeId][msg.sender] = true;
        emit DisputeCountered(disputeId, msg.sender, evidenceHash, uri);
    }

    /// @notice The arbiter judges. Upheld: the target is undone and the named stakes of the respondent are slashed.
    /// Rejected: the initiator's bond is.
    function resolve(uint256 disputeId, bool upheld, uint256[] calldata stakeIds, uint256[] calldata amounts)
        external
        onlyRole(ARBITER_ROLE)
    {
        Dispute storage d = _open(disputeId);
        if (stakeIds.length != amounts.length) revert LengthMismatch(stakeIds.length, amounts.length);
        if (!upheld && stakeIds.length != 0) revert NothingToSlash(disputeId);
        _close(d, upheld ? DisputeStatus.Upheld : DisputeStatus.Rejected);
        uint256 slashed;
        if (upheld) {
            for (uint256 i = 0; i < stakeIds.length; i++) {
                slashed += _slashRespondent(disputeId, d, stakeIds[i], amounts[i]);
            }
            _undo(disputeId, d);
            STAKES.releaseBond(d.bondId, uint64(block.timestamp));
        } else {
            slashed = _slash(disputeId, d.bondId, type(uint256).max, d.respondent);
        }
        emit DisputeResolved(disputeId, upheld, slashed);
    }

    /// @notice Ends a dispute that nobody judged in time, as not upheld; the bond goes back. Anyone may call.
    function expire(uint256 disputeId) external {
        Dispute storage d = _open(disputeId);
        if (block.timestamp < d.deadline) revert DeadlineNotPassed(disputeId, d.deadline);
        _close(d, DisputeStatus.Expired);
        STAKES.releaseBond(d.bondId, uint64(block.timestamp));
        emit DisputeResolved(disputeId, false, 0);
    }

    function dispute(uint256 disputeId) external view returns (Dispute memory) {
        return _disputes[disputeId];
    }

    // --- inside ---

    function _open(uint256 disputeId) private view returns (Dispute storage d) {
        d = _disputes[disputeId];
        if (d.status != DisputeStatus.Open) revert NotOpen(disputeId, d.status);
    }

    /// @dev Who answers for a target that can be disputed now; reverts for any other.
    function _disputable(TargetType targetType, bytes32 targetId) private view returns (address respondent) {
        uint256 id = uint256(targetId);
        if (targetType == TargetType.Contribution) {
            DatanetRegistry.Contribution memory c = DATANETS.contribution(id);
            if (c.status == IDatanetRegistry.ContributionStatus.Accepted) respondent = c.contributor;
        } else if (targetType == TargetType.AttributionBatch) {
            AttributionLedger.Batch memory b = LEDGER.batch(id);
            if (b.status == IAttributionLedger.BatchStatus.Posted && block.timestamp < b.challengeDeadline) {
                respondent = b.operator;
            }
        } else if (targetType == TargetType.RewardRoot) {
            (bytes32 root, address proposer, uint64 validAt) = REWARDS.proposals(REWARDS.pendingEpoch());
            if (root == targetId && block.timestamp < validAt) respondent = proposer;
        } else if (id <= type(uint160).max) {
            respondent = MODELS.operatorOf(address(uint160(id)));
        }
        if (respondent == address(0)) revert NotDisputable(targetType, targetId);
    }

    function _ownsDisputedDatanet(Dispute storage d, address caller) private view returns (bool) {
        if (d.targetType != TargetType.Contribution) return false;
        return DATANETS.datanet(DATANETS.contribution(uint256(d.targetId)).datanetId).owner == caller;
    }

    function _setChallenged(Dispute storage d, bool challenged) private {
        if (d.targetType == TargetType.AttributionBatch) LEDGER.setChallenged(uint256(d.targetId), challenged);
        else if (d.targetType == TargetType.RewardRoot) REWARDS.setChallenged(d.targetId, challenged);
    }

    function _close(Dispute storage d, DisputeStatus status) private {
        d.status = status;
        delete openDispute[d.targetType][d.targetId][d.initiator];
        STAKES.unfreeze(d.respondent, _contributionBond(d));
        if (--openDisputes[d.targetType][d.targetId] == 0) _setChallenged(d, false);
    }

    /// @dev What an upheld dispute undoes. A target that ended otherwise meanwhile (by another dispute, a contribution
    /// withdrawn, a root revoked by the guardian) has nothing left to undo.
    function _undo(uint256 disputeId, Dispute storage d) private {
        uint256 id = uint256(d.targetId);
        if (d.targetType == TargetType.Contribution) {
            DatanetRegistry.Contribution memory c = DATANETS.contribution(id);
            if (c.status == IDatanetRegistry.ContributionStatus.Accepted) DATANETS.revokeContribution(id, DISPUTE_UPHELD);
            if (isPenalized[id]) return;
            isPenalized[id] = true;
            uint256 score = STAKES.penalty(c.datanetId, c.contributor);
            STAKES.setPenalty(c.datanetId, c.contributor, score + (ONE - score) / 2);
        } else if (d.targetType == TargetType.AttributionBatch) {
            if (LEDGER.batch(id).status == IAttributionLedger.BatchStatus.Posted) LEDGER.revokeBatch(id, disputeId);
        } else if (d.targetType == TargetType.RewardRoot) {
            uint256 epochId = REWARDS.pendingEpoch();
            (bytes32 root,,) = REWARDS.proposals(epochId);
            if (root == d.targetId) REWARDS.revokeRoot(epochId);
        }
    }

    function _slashRespondent(uint256 disputeId, Dispute storage d, uint256 stakeId, uint256 amount) private returns (uint256) {
        if (STAKES.stakes(stakeId).account != d.respondent && stakeId != _contributionBond(d)) {
            revert NotRespondentStake(disputeId, stakeId);
        }
        return _slash(disputeId, stakeId, amount, d.initiator);
    }

    /// @dev A relayer's bond stands for the contribution it carried, whoever the contributor is.
    function _contributionBond(Dispute storage d) private view returns (uint256) {
        return d.targetType == TargetType.Contribution ? DATANETS.contribution(uint256(d.targetId)).bondId : 0;
    }

    function _slash(uint256 disputeId, uint256 stakeId, uint256 amount, address winner) private returns (uint256 taken) {
        uint256 available = STAKES.stakes(stakeId).amount;
        uint256 total = amount < available ? amount : available;
        uint256 share = (total * parameter(WINNER_SHARE_BPS)) / BPS;
        taken = STAKES.slash(stakeId, share, disputeId, winner);
        taken += STAKES.slash(stakeId, total - share, disputeId, TREASURY);
    }
}
