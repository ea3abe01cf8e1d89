// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice A contract account that answers ERC-1271 as its mode says. `isValidSignature` is not a view here, so that a
/// reentrant wallet can try to call back while its signature is being checked.
contract HostileWallet {
    enum Mode { Owner, AlwaysValid, NeverValid, Reverting, Reentrant }

    Mode public immutable MODE;
    address public immutable OWNER;
    address[] private _targets;
    bytes[] private _calls;

    error NoAnswer();

    constructor(Mode mode, address owner, address[] memory targets, bytes[] memory calls) {
        MODE = mode;
        OWNER = owner;
        _targets = targets;
        _calls = calls;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external returns (bytes4) {
        if (MODE == Mode.Reverting) revert NoAnswer();
        if (MODE == Mode.NeverValid) return 0xffffffff;
        if (MODE == Mode.Owner) {
            (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecover(hash, signature);
            bool valid = failure == ECDSA.RecoverError.NoError && signer == OWNER;
            return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
        }
        if (MODE == Mode.Reentrant) {
            for (uint256 i = 0; i < _calls.length; i++) {
                (bool reentered,) = _targets[i].call{gas: 200_000}(_calls[i]);
                reentered;
            }
        }
        return IERC1271.isValidSignature.selector;
    }
}
