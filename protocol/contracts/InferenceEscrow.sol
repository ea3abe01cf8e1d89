// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Governed} from "./Governed.sol";
import {IInferenceEscrow} from "./interfaces/IInferenceEscrow.sol";
import {ModelRegistry} from "./ModelRegistry.sol";
import {Parameters} from "./Parameters.sol";
import {RewardDistributor} from "./RewardDistributor.sol";
import {StakeManager} from "./StakeManager.sol";

/// @notice Payers deposit OPEN and sign vouchers; workers settle answers against them in bulk; every fee is split.
/// @dev OPEN held here = totalDeposits + totalEarnings + heldForContributors.
contract InferenceEscrow is Parameters, EIP712, IInferenceEscrow {
    using SafeERC20 for IERC20;

    struct FeeSplit {
        uint16 platformBps;
        uint16 modelBps;
        uint16 workerBps;
        uint16 stakersBps;
        uint16 contributorsBps;
    }

    struct FeeParts {
        uint256 platform;
        uint256 model;
        uint256 worker;
        uint256 stakers;
        uint256 contributors;
    }

    /// @notice "Everything this worker ever takes from me stays below cumulativeAmount, until expiry."
    struct Voucher {
        address payer;
        address worker;
        uint256 cumulativeAmount;
        uint64 expiry;
    }

    /// @param nonce the worker's own id of the request; the on-chain id also binds chain, contract, worker and payer.
    struct Inference {
        bytes32 nonce;
        uint256 modelId;
        uint32 version;
        uint32 inTokens;
        uint32 outTokens;
        uint256 fee;
        bytes32 outputHash;
    }

    struct Settlement {
        Voucher voucher;
        bytes signature;
        Inference[] inferences;
    }

    /// @notice A settled request: who served it, which model, and the contributors' part that waits for attribution.
    struct Settled {
        address worker;
        uint32 version;
        uint256 modelId;
        uint256 contributorsPart;
    }

    struct Payer {
        uint256 balance;
        uint256 requested;
        uint64 availableAt;
        uint64 expiresAt;
    }

    bytes32 public constant LEDGER_ROLE = keccak256("LEDGER_ROLE");
    /// @notice Seconds a payer's withdrawal waits, so that workers can settle open vouchers first, and then stays possible.
    bytes32 public constant WITHDRAWAL_DELAY = keccak256("WITHDRAWAL_DELAY");
    uint256 public constant BPS = 10_000;

    bytes32 private constant VOUCHER_TYPEHASH =
        keccak256("Voucher(address payer,address worker,uint256 cumulativeAmount,uint64 expiry)");

    IERC20 public immutable OPEN;
    ModelRegistry public immutable MODELS;
    StakeManager public immutable STAKES;
    RewardDistributor public immutable REWARDS;
    address public immutable TREASURY;

    FeeSplit private _feeSplit;
    uint256 public totalDeposits;
    uint256 public totalEarnings;
    uint256 public heldForContributors;

    mapping(address payer => Payer) public payers;
    mapping(address account => uint256) public earnings;
    mapping(address payer => mapping(address worker => uint256)) public settledAmount;
    mapping(bytes32 requestId => Settled) private _settled;

    error ZeroAmount();
    error InvalidFeeSplit(uint256 sum);
    error AmountAboveBalance(address payer, uint256 amount, uint256 balance);
    error NothingRequested(address payer);
    error WithdrawalNotAvailable(address payer, uint64 availableAt);
    error WithdrawalExpired(address payer, uint64 expiredAt);
    error NoEarnings(address account);
    error NotVoucherWorker(address worker, address caller);
    error VoucherExpired(address payer, uint64 expiry);
    error InvalidVoucherSignature(address payer);
    error VoucherExceeded(address payer, address worker, uint256 wanted, uint256 cumulativeAmount);
    error RequestAlreadySettled(bytes32 requestId);
    error UnknownVersion(uint256 modelId, uint32 version);
    error EmptySettlement();

    constructor(
        address admin,
        IERC20 open,
        ModelRegistry models,
        StakeManager stakes,
        RewardDistributor rewards,
        address treasury,
        FeeSplit memory split,
        uint256 withdrawalDelay
    ) Governed(admin) EIP712("OpenLedger InferenceEscrow", "1") {
        if (treasury == address(0)) revert ZeroAddress();
        OPEN = open;
        MODELS = models;
        STAKES = stakes;
        REWARDS = rewards;
        TREASURY = treasury;
        _setFeeSplit(split);
        _defineParameter(WITHDRAWAL_DELAY, withdrawalDelay, 1, 30 days);
    }

    // --- payers ---

    function deposit(uint256 amount) external {
        depositFor(msg.sender, amount);
    }

    function depositFor(address payer, uint256 amount) public whenNotPaused {
        if (amount == 0) revert ZeroAmount();
        if (payer == address(0)) revert ZeroAddress();
        payers[payer].balance += amount;
        totalDeposits += amount;
        emit Deposited(payer, amount);
        OPEN.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Announces a withdrawal; replaces an earlier one. Vouchers can be settled until it is carried out. It can be
    /// carried out from availableAt to expiresAt, one more delay, and after that has to be announced again: a request that
    /// stayed open for ever could be made ahead of all vouchers and used in front of any settlement, so that the delay
    /// protected no worker.
    /// @dev Both ends are fixed here, so that a delay that governance changes opens no request again.
    function requestWithdrawal(uint256 amount) external {
        Payer storage p = payers[msg.sender];
        if (amount == 0) revert ZeroAmount();
        if (amount > p.balance) revert AmountAboveBalance(msg.sender, amount, p.balance);
        p.requested = amount;
        uint256 delay = parameter(WITHDRAWAL_DELAY);
        p.availableAt = uint64(block.timestamp + delay);
        p.expiresAt = uint64(block.timestamp + 2 * delay);
        emit WithdrawalRequested(msg.sender, amount, p.availableAt);
    }

    /// @notice Pays out a requested withdrawal: what of it the settled vouchers have left.
    function withdraw() external {
        Payer storage p = payers[msg.sender];
        if (p.requested == 0) revert NothingRequested(msg.sender);
        if (block.timestamp < p.availableAt) revert WithdrawalNotAvailable(msg.sender, p.availableAt);
        if (block.timestamp > p.expiresAt) revert WithdrawalExpired(msg.sender, p.expiresAt);
        uint256 amount = p.requested < p.balance ? p.requested : p.balance;
        p.requested = 0;
        p.balance -= amount;
        totalDeposits -= amount;
        emit Withdrawn(msg.sender, amount);
        OPEN.safeTransfer(msg.sender, amount);
    }

    // --- workers ---

    /// @notice Settles answers, each group against one payer's voucher. Called by the worker or its operator.
    function settle(Settlement[] calldata settlements) external whenNotPaused {
        if (settlements.length == 0) revert EmptySettlement();
        uint256 stakersTotal;
        bool hasStakers = STAKES.hasStakers();
        for (uint256 i = 0; i < settlements.length; i++) {
            Settlement calldata s = settlements[i];
            address operator = _checkVoucher(s.voucher, s.signature);
            uint256 total;
            for (uint256 j = 0; j < s.inferences.length; j++) {
                total += s.inferences[j].fee;
                stakersTotal += _settleOne(s.voucher, operator, s.inferences[j], hasStakers);
            }
            _charge(s.voucher, total);
        }
        if (stakersTotal != 0) {
            OPEN.safeTransfer(address(STAKES), stakersTotal);
            STAKES.notifyReward(stakersTotal);
        }
    }

    /// @notice Pays an account what it earned as treasury, model owner or operator. Anyone may call.
    function withdrawEarnings(address account) external {
        uint256 amount = earnings[account];
        if (amount == 0) revert NoEarnings(account);
        earnings[account] = 0;
        totalEarnings -= amount;
        emit EarningsWithdrawn(account, amount);
        OPEN.safeTransfer(account, amount);
    }

    // --- for governance and the attribution ledger ---

    function setFeeSplit(FeeSplit calldata split) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setFeeSplit(split);
    }

    /// @notice A final attribution batch: the attributed part goes to contributors, the rest to the treasury.
    function releaseContributors(uint256 attributed, uint256 unattributed) external onlyRole(LEDGER_ROLE) {
        heldForContributors -= attributed + unattributed;
        earnings[TREASURY] += unattributed;
        totalEarnings += unattributed;
        if (attributed != 0) {
            OPEN.safeTransfer(address(REWARDS), attributed);
            REWARDS.notifyFunded(attributed);
        }
    }

    // --- views ---

    function feeSplit() external view returns (FeeSplit memory) {
        return _feeSplit;
    }

    function settled(bytes32 requestId) external view returns (Settled memory) {
        return _settled[requestId];
    }

    /// @notice Each part rounded down, the remainder to the contributors; without stakers their part is the platform's.
    function splitFee(uint256 fee, FeeSplit memory split, bool hasStakers) public pure returns (FeeParts memory parts) {
        parts.platform = (fee * split.platformBps) / BPS;
        parts.model = (fee * split.modelBps) / BPS;
        parts.worker = (fee * split.workerBps) / BPS;
        parts.stakers = (fee * split.stakersBps) / BPS;
        parts.contributors = fee - parts.platform - parts.model - parts.worker - parts.stakers;
        if (!hasStakers) {
            parts.platform += parts.stakers;
            parts.stakers = 0;
        }
    }

    /// @notice A request's id on chain. Nobody else can settle, and so block, an id of this worker's.
    function requestIdOf(address worker, address payer, bytes32 nonce) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), worker, payer, nonce));
    }

    function hashVoucher(Voucher calldata voucher) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(VOUCHER_TYPEHASH, voucher.payer, voucher.worker, voucher.cumulativeAmount, voucher.expiry))
        );
    }

    // --- inside ---

    function _setFeeSplit(FeeSplit memory split) private {
        uint256 sum = uint256(split.platformBps) + split.modelBps + split.workerBps + split.stakersBps + split.contributorsBps;
        if (sum != BPS) revert InvalidFeeSplit(sum);
        _feeSplit = split;
        emit FeeSplitUpdated(split.platformBps, split.modelBps, split.workerBps, split.stakersBps, split.contributorsBps);
    }

    function _checkVoucher(Voucher calldata voucher, bytes calldata signature) private view returns (address operator) {
        operator = MODELS.operatorOf(voucher.worker);
        if (operator == address(0) || (msg.sender != voucher.worker && msg.sender != operator)) {
            revert NotVoucherWorker(voucher.worker, msg.sender);
        }
        if (block.timestamp > voucher.expiry) revert VoucherExpired(voucher.payer, voucher.expiry);
        if (!SignatureChecker.isValidSignatureNow(voucher.payer, hashVoucher(voucher), signature)) {
            revert InvalidVoucherSignature(voucher.payer);
        }
    }

    /// @return stakers the part of this fee that goes on to the stakers.
    function _settleOne(Voucher calldata voucher, address operator, Inference calldata inference, bool hasStakers)
        private
        returns (uint256 stakers)
    {
        bytes32 requestId = requestIdOf(voucher.worker, voucher.payer, inference.nonce);
        if (_settled[requestId].worker != address(0)) revert RequestAlreadySettled(requestId);
        if (!MODELS.hasVersion(inference.modelId, inference.version)) {
            revert UnknownVersion(inference.modelId, inference.version);
        }
        FeeParts memory parts = splitFee(inference.fee, _feeSplit, hasStakers);
        _settled[requestId] = Settled(voucher.worker, inference.version, inference.modelId, parts.contributors);
        emit InferenceSettled(
            requestId,
            inference.modelId,
            voucher.worker,
            voucher.payer,
            inference.version,
            inference.inTokens,
            inference.outTokens,
            inference.fee,
            inference.outputHash
        );
        earnings[TREASURY] += parts.platform;
        earnings[MODELS.ownerOf(inference.modelId)] += parts.model;
        earnings[operator] += parts.worker;
        totalEarnings += parts.platform + parts.model + parts.worker;
        heldForContributors += parts.contributors;
        emit FeeDistributed(
            requestId, inference.modelId, parts.platform, parts.model, parts.worker, parts.stakers, parts.contributors
        );
        return parts.stakers;
    }

    function _charge(Voucher calldata voucher, uint256 total) private {
        uint256 cumulative = settledAmount[voucher.payer][voucher.worker] + total;
        if (cumulative > voucher.cumulativeAmount) {
            revert VoucherExceeded(voucher.payer, voucher.worker, cumulative, voucher.cumulativeAmount);
        }
        settledAmount[voucher.payer][voucher.worker] = cumulative;
        Payer storage p = payers[voucher.payer];
        if (total > p.balance) revert AmountAboveBalance(voucher.payer, total, p.balance);
        p.balance -= total;
        totalDeposits -= total;
    }
}
