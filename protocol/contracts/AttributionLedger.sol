// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DatanetRegistry} from "./DatanetRegistry.sol";
import {Governed} from "./Governed.sol";
import {InferenceEscrow} from "./InferenceEscrow.sol";
import {IAttributionLedger} from "./interfaces/IAttributionLedger.sol";
import {IDatanetRegistry} from "./interfaces/IDatanetRegistry.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {Parameters} from "./Parameters.sol";

/// @notice Workers post, in bulk, which contributions their settled answers drew on and for how much. A batch can be
/// challenged until its deadline; then it is final and pays.
contract AttributionLedger is Parameters, IAttributionLedger {
    struct Attribution {
        bytes32 requestId;
        uint256[] contributionIds;
        uint96[] amounts;
        uint96 unattributed;
    }

    /// @notice A posted batch. Its operator is the worker's when it was posted, and answers for it from then on.
    struct Batch {
        address worker;
        BatchStatus status;
        bool challenged;
        uint64 challengeDeadline;
        address operator;
        uint256 attributed;
        uint256 unattributed;
    }

    bytes32 public constant RESOLVER_ROLE = keccak256("RESOLVER_ROLE");
    /// @notice Seconds a batch can be challenged before it pays.
    bytes32 public constant CHALLENGE_WINDOW = keccak256("CHALLENGE_WINDOW");
    uint256 public constant MAX_REQUESTS = 256;
    uint256 public constant MAX_CONTRIBUTIONS = 64;

    InferenceEscrow public immutable ESCROW;
    DatanetRegistry public immutable DATANETS;
    ModelRegistry public immutable MODELS;

    uint256 public batchCount;

    mapping(uint256 batchId => Batch) private _batches;
    mapping(bytes32 requestId => uint256) public batchOf;
    mapping(bytes32 algorithmId => bool) public isAlgorithm;

    error UnknownAlgorithm(bytes32 algorithmId);
    error EmptyBatch();
    error TooManyRequests(uint256 requests, uint256 maximum);
    error NotWorkerOperator(address worker, address caller);
    error NotRequestWorker(bytes32 requestId, address worker);
    error AlreadyAttributed(bytes32 requestId, uint256 batchId);
    error LengthMismatch(bytes32 requestId, uint256 contributions, uint256 amounts);
    error ContributionsNotAscending(bytes32 requestId, uint256 contributionId);
    error ContributionNotAccepted(bytes32 requestId, uint256 contributionId);
    error ContributionNotInTraining(bytes32 requestId, uint256 contributionId);
    error AmountsDoNotAddUp(bytes32 requestId, uint256 sum, uint256 contributorsPart);
    error NotPosted(uint256 batchId, BatchStatus status);
    error ChallengeOpen(uint256 batchId, uint64 challengeDeadline);
    error BatchChallenged(uint256 batchId);

    constructor(
        address admin,
        InferenceEscrow escrow,
        DatanetRegistry datanets,
        ModelRegistry models,
        uint256 challengeWindow
    ) Governed(admin) {
        ESCROW = escrow;
        DATANETS = datanets;
        MODELS = models;
        _defineParameter(CHALLENGE_WINDOW, challengeWindow, 1, 30 days);
    }

    /// @notice Governance allows or withdraws an attribution method; its parameters stand at `uri`.
    function setAlgorithm(bytes32 algorithmId, bool active, string calldata uri, bytes32 uriHash)
        external
        onlyRole(DEFAULT_ADMIN_ROLE)
    {
        isAlgorithm[algorithmId] = active;
        emit AlgorithmSet(algorithmId, active, uri, uriHash);
    }

    /// @param root Merkle root over the hashes of the requests' receipts.
    function postBatch(
        address worker,
        bytes32 algorithmId,
        bytes32 root,
        bytes32 evidenceHash,
        string calldata uri,
        Attribution[] calldata attributions
    ) external whenNotPaused returns (uint256 batchId) {
        address operator = MODELS.operatorOf(worker);
        if (msg.sender != worker && msg.sender != operator) revert NotWorkerOperator(worker, msg.sender);
        if (!isAlgorithm[algorithmId]) revert UnknownAlgorithm(algorithmId);
        if (attributions.length == 0) revert EmptyBatch();
        if (attributions.length > MAX_REQUESTS) revert TooManyRequests(attributions.length, MAX_REQUESTS);

        batchId = ++batchCount;
        Batch storage b = _batches[batchId];
        b.worker = worker;
        b.operator = operator;
        b.status = BatchStatus.Posted;
        b.challengeDeadline = uint64(block.timestamp + parameter(CHALLENGE_WINDOW));
        emit AttributionBatchPosted(
            batchId, worker, algorithmId, root, evidenceHash, uri, uint32(attributions.length), b.challengeDeadline
        );
        uint256 attributed;
        uint256 unattributed;
        for (uint256 i = 0; i < attributions.length; i++) {
            attributed += _attribute(batchId, worker, attributions[i]);
            unattributed += attributions[i].unattributed;
        }
        b.attributed = attributed;
        b.unattributed = unattributed;
    }

    /// @notice Pays a batch once its challenge window has passed unchallenged. Anyone may call.
    function finalizeBatch(uint256 batchId) external {
        Batch storage b = _batches[batchId];
        if (b.status != BatchStatus.Posted) revert NotPosted(batchId, b.status);
        if (block.timestamp < b.challengeDeadline) revert ChallengeOpen(batchId, b.challengeDeadline);
        if (b.challenged) revert BatchChallenged(batchId);
        b.status = BatchStatus.Finalized;
        emit AttributionBatchFinalized(batchId);
        ESCROW.releaseContributors(b.attributed, b.unattributed);
    }

    /// @notice An open dispute keeps a batch from paying.
    function setChallenged(uint256 batchId, bool challenged) external onlyRole(RESOLVER_ROLE) {
        _batches[batchId].challenged = challenged;
    }

    /// @notice An upheld dispute: the batch pays nothing and its requests can be attributed again.
    function revokeBatch(uint256 batchId, uint256 disputeId) external onlyRole(RESOLVER_ROLE) {
        Batch storage b = _batches[batchId];
        if (b.status != BatchStatus.Posted) revert NotPosted(batchId, b.status);
        b.status = BatchStatus.Revoked;
        emit AttributionBatchRevoked(batchId, disputeId);
    }

    function batch(uint256 batchId) external view returns (Batch memory) {
        return _batches[batchId];
    }

    /// @dev Checks one request's attribution and announces it. @return attributed sum over its contributions.
    function _attribute(uint256 batchId, address worker, Attribution calldata a) private returns (uint256 attributed) {
        InferenceEscrow.Settled memory request = ESCROW.settled(a.requestId);
        if (request.worker != worker) revert NotRequestWorker(a.requestId, worker);
        uint256 previous = batchOf[a.requestId];
        if (previous != 0 && _batches[previous].status != BatchStatus.Revoked) {
            revert AlreadyAttributed(a.requestId, previous);
        }
        if (a.contributionIds.length != a.amounts.length || a.amounts.length > MAX_CONTRIBUTIONS) {
            revert LengthMismatch(a.requestId, a.contributionIds.length, a.amounts.length);
        }
        batchOf[a.requestId] = batchId;
        uint256 last;
        for (uint256 i = 0; i < a.contributionIds.length; i++) {
            uint256 contributionId = a.contributionIds[i];
            if (contributionId <= last) revert ContributionsNotAscending(a.requestId, contributionId);
            last = contributionId;
            DatanetRegistry.Contribution memory c = DATANETS.contribution(contributionId);
            if (c.status != IDatanetRegistry.ContributionStatus.Accepted) {
                revert ContributionNotAccepted(a.requestId, contributionId);
            }
            if (!MODELS.trainedOn(request.modelId, request.version, c.datanetId)) {
                revert ContributionNotInTraining(a.requestId, contributionId);
            }
            attributed += a.amounts[i];
        }
        if (attributed + a.unattributed != request.contributorsPart) {
            revert AmountsDoNotAddUp(a.requestId, attributed + a.unattributed, request.contributorsPart);
        }
        emit InferenceAttributed(a.requestId, batchId, request.modelId, a.contributionIds, a.amounts, a.unattributed);
    }
}
