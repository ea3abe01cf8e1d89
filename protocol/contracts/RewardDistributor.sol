// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Governed} from "./Governed.sol";
import {IRewardDistributor} from "./interfaces/IRewardDistributor.sol";
import {Parameters} from "./Parameters.sol";

/// @notice Pays contributors by cumulative Merkle claims. Epochs follow one another without a gap; an epoch's total is
/// what final attribution batches brought in during it.
/// @dev OPEN held here = funded − totalClaimed. A root can never pay out more than its epoch and those before it hold.
contract RewardDistributor is Parameters, IRewardDistributor {
    using SafeERC20 for IERC20;

    struct Epoch {
        uint64 start;
        uint64 end;
        uint256 cumulativeTotal;
    }

    struct Proposal {
        bytes32 root;
        address proposer;
        uint64 validAt;
    }

    bytes32 public constant FUNDER_ROLE = keccak256("FUNDER_ROLE");
    bytes32 public constant PROPOSER_ROLE = keccak256("PROPOSER_ROLE");
    bytes32 public constant RESOLVER_ROLE = keccak256("RESOLVER_ROLE");
    /// @notice Least seconds between two closings.
    bytes32 public constant EPOCH_LENGTH = keccak256("EPOCH_LENGTH");
    /// @notice Seconds a proposed root waits, and can be revoked.
    bytes32 public constant ROOT_DELAY = keccak256("ROOT_DELAY");

    IERC20 public immutable OPEN;

    uint256 public epochCount;
    uint64 public lastEnd;
    uint256 public funded;
    uint256 public totalClaimed;
    uint256 public acceptedEpoch;
    bytes32 public acceptedRoot;
    /// @notice The epoch whose root waits in the timelock; zero when none does.
    uint256 public pendingEpoch;

    mapping(uint256 epochId => Epoch) public epochs;
    mapping(uint256 epochId => Proposal) public proposals;
    mapping(address account => uint256) public claimed;
    mapping(bytes32 root => bool) public isChallenged;

    error EpochTooShort(uint64 lastEnd, uint256 minimum);
    error UnknownEpoch(uint256 epochId);
    error EpochAlreadyAccepted(uint256 epochId, uint256 acceptedEpoch);
    error RootPending(uint256 epochId);
    error NoRootPending(uint256 epochId);
    error RootNotValidYet(uint256 epochId, uint64 validAt);
    error RootChallenged(uint256 epochId);
    error EmptyRoot();
    error NoAcceptedRoot();
    error InvalidProof(address account, uint256 cumulativeAmount);
    error NothingToClaim(address account, uint256 claimed);
    error ClaimsExceedEpochs(uint256 wanted, uint256 available);

    constructor(address admin, IERC20 open, uint256 epochLength, uint256 rootDelay) Governed(admin) {
        OPEN = open;
        lastEnd = uint64(block.timestamp);
        _defineParameter(EPOCH_LENGTH, epochLength, 1, 90 days);
        _defineParameter(ROOT_DELAY, rootDelay, 1, 30 days);
    }

    /// @notice Counts `amount`, already transferred here, towards the running epoch.
    function notifyFunded(uint256 amount) external onlyRole(FUNDER_ROLE) {
        funded += amount;
    }

    /// @notice Closes the running epoch. Anyone may call once it is long enough.
    function closeEpoch() external whenNotPaused returns (uint256 epochId) {
        uint256 minimum = parameter(EPOCH_LENGTH);
        if (block.timestamp < lastEnd + minimum) revert EpochTooShort(lastEnd, minimum);
        uint256 before = epochs[epochCount].cumulativeTotal;
        epochId = ++epochCount;
        epochs[epochId] = Epoch(lastEnd, uint64(block.timestamp), funded);
        emit EpochClosed(epochId, lastEnd, uint64(block.timestamp), funded - before);
        lastEnd = uint64(block.timestamp);
    }

    /// @notice Proposes the cumulative root as of an epoch's end; one waits at a time.
    function proposeRoot(uint256 epochId, bytes32 root, bytes32 ipfsHash, string calldata uri)
        external
        whenNotPaused
        onlyRole(PROPOSER_ROLE)
    {
        if (epochId == 0 || epochId > epochCount) revert UnknownEpoch(epochId);
        if (epochId <= acceptedEpoch) revert EpochAlreadyAccepted(epochId, acceptedEpoch);
        if (pendingEpoch != 0) revert RootPending(pendingEpoch);
        if (root == 0) revert EmptyRoot();
        uint64 validAt = uint64(block.timestamp + parameter(ROOT_DELAY));
        pendingEpoch = epochId;
        proposals[epochId] = Proposal(root, msg.sender, validAt);
        emit RootProposed(epochId, root, ipfsHash, uri, validAt);
    }

    /// @notice The guardian, governance or an upheld dispute takes a waiting root back.
    function revokeRoot(uint256 epochId) external {
        if (!hasRole(GUARDIAN_ROLE, msg.sender) && !hasRole(RESOLVER_ROLE, msg.sender)) _checkRole(DEFAULT_ADMIN_ROLE);
        if (epochId == 0 || pendingEpoch != epochId) revert NoRootPending(epochId);
        emit RootRevoked(epochId, proposals[epochId].root);
        delete proposals[epochId];
        pendingEpoch = 0;
    }

    /// @notice Makes a root claimable after its timelock. Anyone may call.
    function acceptRoot(uint256 epochId) external whenNotPaused {
        if (epochId == 0 || pendingEpoch != epochId) revert NoRootPending(epochId);
        Proposal storage p = proposals[epochId];
        if (block.timestamp < p.validAt) revert RootNotValidYet(epochId, p.validAt);
        if (isChallenged[p.root]) revert RootChallenged(epochId);
        pendingEpoch = 0;
        acceptedEpoch = epochId;
        acceptedRoot = p.root;
        emit RootAccepted(epochId, p.root);
    }

    /// @notice An open dispute keeps a root from being accepted, also when it is proposed again.
    function setChallenged(bytes32 root, bool challenged) external onlyRole(RESOLVER_ROLE) {
        isChallenged[root] = challenged;
    }

    /// @notice Pays an account what the accepted root grants it beyond its earlier claims. Anyone may call for it.
    function claim(address account, uint256 cumulativeAmount, bytes32[] calldata proof) external returns (uint256 amount) {
        if (acceptedRoot == 0) revert NoAcceptedRoot();
        if (!MerkleProof.verifyCalldata(proof, acceptedRoot, rewardLeaf(account, cumulativeAmount))) {
            revert InvalidProof(account, cumulativeAmount);
        }
        uint256 before = claimed[account];
        if (cumulativeAmount <= before) revert NothingToClaim(account, before);
        amount = cumulativeAmount - before;
        uint256 available = epochs[acceptedEpoch].cumulativeTotal - totalClaimed;
        if (amount > available) revert ClaimsExceedEpochs(amount, available);
        claimed[account] = cumulativeAmount;
        totalClaimed += amount;
        emit Claimed(account, amount, cumulativeAmount);
        OPEN.safeTransfer(account, amount);
    }

    /// @notice The leaf of an account: bound to chain and distributor, hashed twice as OpenZeppelin's trees do.
    function rewardLeaf(address account, uint256 cumulativeAmount) public view returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(block.chainid, address(this), account, cumulativeAmount))));
    }
}
