// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

/// @notice Stands in for OpenLedger's signed airdrops: whoever holds the signer's word for an account has it paid once.
contract PublishedAirdrop {
    address public immutable SIGNER;

    mapping(bytes32 batch => mapping(address account => uint256 amount)) public claimed;

    event AirdropClaimed(bytes32 indexed batch, address indexed account, uint256 amount);

    constructor(address signer) payable {
        SIGNER = signer;
    }

    function claim(bytes32 batch, address account, uint256 amount, bytes calldata signature) external {
        require(claimed[batch][account] == 0);
        bytes32 word = keccak256(abi.encode(block.chainid, address(this), batch, account, amount));
        require(ECDSA.recover(MessageHashUtils.toEthSignedMessageHash(word), signature) == SIGNER);
        claimed[batch][account] = amount;
        emit AirdropClaimed(batch, account, amount);
        (bool paid, ) = account.call{value: amount}("");
        require(paid);
    }
}
